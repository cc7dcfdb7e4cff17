"""One module a modality: what stands in data/clips, and how it comes from the dataset's files. A reader's
`DatasetFile.modality` names it: sound, mel, table or pictures.

Every module has

- `UNIT`: what one of the clips is called, in the singular,
- `store(dataset, recordings, audio, p)`: writes data/clips and returns (rows of the manifest, rows of the events,
  rejected (path, reason), how many recordings were clipped). audio, p: the sections `audio` and `ingest`.
"""
