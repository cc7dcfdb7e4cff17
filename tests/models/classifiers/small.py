"""The parameters of features and classifiers made small, so that tests of all of them take minutes; and the tasks
that a classifier cannot learn, which its docstring explains."""

FEATURES = {
    "table": {"n_fft": 512, "hop_length": 128},
    "mfcc": {"n_fft": 512, "hop_length": 128},
    "mel": {"n_fft": 512, "hop_length": 128},
    "stft": {"n_fft": 512, "hop_length": 256},
    "wave": {"sr": 8000},
    "png": {"n_fft": 512, "hop_length": 64},
}

SMALL_IMAGE = {"height": 50, "width": 35}
QUICK = {"epochs": 12, "patience": 12, "learning_rate": 0.003, "batch": 12}
LONGER = {"epochs": 25, "patience": 25, "learning_rate": 0.003, "batch": 8}
PLAIN = {"augment": {"probability": 0}}

LSTM = {
    "frames": 63,
    "layers": {"pool": 2, "units": [32, 32]},
    "training": {"epochs": 20, "patience": 10, "learning_rate": 0.01},
}

SMALL = {
    "linear_svc_png": SMALL_IMAGE,
    "logreg_png": SMALL_IMAGE,
    "micrograd": {"steps": 150},
    "mlp": {"hidden": [50, 10]},
    "mlp_png": SMALL_IMAGE,
    "random_forest": {"n_trees": 50},
    "xgboost": {"n_trees": 30},
    "cnn": {
        "frames": 63,
        "layers": {"filters": [16, 16, 16], "dense": 32, "dropout": 0},
        "training": PLAIN | {"epochs": 15, "patience": 15, "learning_rate": 0.01, "batch": 16},
    },
    "ann": {
        "frames": 63,
        "layers": {"dense": [64, 32]},
        "training": {"epochs": 15, "patience": 10, "learning_rate": 0.003},
    },
    "cnn_1d": {
        "training": {"epochs": 35, "patience": 35, "learning_rate": 0.01, "weight_decay": 0.5, "mixup": 1.0, "batch": 8}
    },
    "cnn_per_class": {
        "frames": 63,
        "layers": {"filters": [8, 16], "dropout": 0},
        "training": PLAIN | {"epochs": 12, "patience": 10, "learning_rate": 0.01, "batch": 16},
    },
    "cnn_basic": {"height": 32, "width": 64, "layers": {"filters": [8, 16], "dense": [32], "dropout": [0]}},
    "cnn_deep": {"height": 64, "width": 64, "layers": {"filters": [8, 16, 16, 16], "dense": [32], "dropout": [0]}},
    "cnn_mel_png": {"height": 32, "width": 64, "layers": {"filters": [8, 8, 8], "dense": [32], "dropout": [0]}},
    "cnn_png_1": {"height": 32, "width": 24, "layers": {"filters": [16], "dense": [64], "dropout": [0]}},
    "cnn_png_2": {"height": 32, "width": 24, "layers": {"filters": [16], "dense": [64, 32], "dropout": [0, 0]}},
    "cnn_selu": {"height": 32, "width": 64, "layers": {"filters": [8, 16, 16]}, "training": QUICK},
    "alexnet": {"layers": {"filters": [8, 16, 16, 16, 16], "dense": 32, "dropout": 0}, "training": QUICK},
    "mobilenet_v2": {"training": {"epochs": 12}},
    "yamnet": {"training": {"epochs": 20}},
    "rnn": {
        "frames": 63,
        "layers": {"pool": 2, "units": [32, 32], "recurrent_dropout": 0},
        "training": PLAIN | {"epochs": 20, "patience": 10, "learning_rate": 0.01, "batch": 16},
    },
    **dict.fromkeys(("lstm", "lstm_gan_cnn", "lstm_gan_fcn", "lstm_gan_fcn_4s"), LSTM),
    "crnn": {
        "frames": 63,
        "layers": {"filters": [16, 16, 16], "units": 32, "dropout": 0},
        "pools": {"frames": [2, 2, 2], "mels": [2, 2, 5]},
        "training": PLAIN | {"epochs": 20, "patience": 10, "learning_rate": 0.01, "batch": 16},
    },
    "conv_gru_lstm": {
        "frames": 63,
        "layers": {"filters": [16, 32], "units": [32, 32, 32], "dense": 32, "dropout": 0.2},
        "training": {"epochs": 25, "patience": 10, "learning_rate": 0.005, "batch": 8, "mixup": 0.4},
    },
    "wavenet": {
        "samples": 8000,
        "sr": 8000,
        "layers": {"stride": 16, "filters": 16, "blocks": 6, "pooled_hz": [100, 10]},
        "training": {"epochs": 30, "patience": 30, "learning_rate": 0.004, "batch": 8},
    },
}
for _name in ("cnn_basic", "cnn_deep", "cnn_mel_png", "cnn_png_1", "cnn_png_2"):
    SMALL[_name]["training"] = LONGER

#: {classifier: tasks of known.TASKS that its architecture cannot learn}
UNLEARNABLE = {
    "ann": ("rhythms", "events"),
    "forest_rms_zcr": ("events",),
    "mlp_png": ("events",),
    **dict.fromkeys(("mobilenet_v2", "yamnet", "logreg_yamnet", "svm_yamnet"), ("events",)),
}
#: The accuracy that some of these reach there all the same; guessing has 0.5.
REACHED = dict.fromkeys(("yamnet", "logreg_yamnet", "svm_yamnet"), 0.9)
