"""The suffixes of files that are taken for sound."""

#: Those that libsndfile decodes, which looks inside.
LIBSNDFILE = ".wav .flac .ogg .oga .opus .mp3 .aif .aiff .aifc .au .snd .w64 .caf .sph .nist"
#: Those that FFmpeg decodes: AAC and the other formats of MPEG-4 files from phones.
FFMPEG = {".m4a", ".mp4", ".aac", ".3gp"}
SUFFIXES = {*LIBSNDFILE.split(), *FFMPEG}
