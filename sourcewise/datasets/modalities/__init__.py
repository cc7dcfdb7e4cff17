"""One module a modality: what data/clips holds, and how it is read from the dataset's files. A reader's
`DatasetFile.modality` names it: sound, mel, table or pictures.

Every module has

- `UNIT`: the noun for one clip, in the singular,
- `store(dataset, recordings, audio, p)`: writes data/clips and returns (rows of the manifest, rows of the events,
  rejected (path, reason), how many recordings were clipped). audio, p: the sections `audio` and `ingest`.
"""
