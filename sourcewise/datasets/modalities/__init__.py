"""One module a modality: what data/clips holds, and how it is read from the dataset's files. A reader's
`DatasetFile.modality` names it: sound, mel, table or pictures.

Every module has

- `UNIT`: the noun for one clip, in the singular,
- `store(dataset, recordings, audio, p)`: writes data/clips and returns a `storing.Stored`. audio, p: the sections
  `audio` and `ingest`.
"""
