"""What every stage and package may use: parameters, the manifest, the task, storage."""
