"""From recordings to clips: dataset files, manifest, task, split, copies; readers, modalities, synthetic datasets."""
