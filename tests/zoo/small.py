"""The parameters of features and classifiers made small, so that tests of all of them take minutes; and what a
classifier cannot learn, which its docstring explains."""

FEATURES = {
    "table": {"n_fft": 512, "hop_length": 128},
    "mfcc": {"n_fft": 512, "hop_length": 128},
    "mel": {"n_fft": 512, "hop_length": 128},
    "stft": {"n_fft": 512, "hop_length": 256},
    "wave": {"sr": 8000},
    "png": {"n_fft": 512, "hop_length": 64},
}

SMALL = {
    "random_forest": {"n_trees": 50},
    "xgboost": {"n_trees": 30},
    "cnn": {
        "frames": 63,
        "filters": [16, 16, 16],
        "dense": 32,
        "dropout": 0,
        "vary": None,
        "training": {"epochs": 15, "learning_rate": 0.01, "batch": 16},
    },
    "mobilenet_v2": {"training": {"epochs": 12}},
    "yamnet": {"training": {"epochs": 20}},
}

#: {classifier: tasks of known.TASKS that its architecture cannot tell}
CANNOT = {"mobilenet_v2": ["events"]}
