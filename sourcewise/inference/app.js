"use strict";
// All text from data goes in as text, never as HTML.

const MOST_SHOWN = 5; // classes of a classifier, the most probable first; "All" shows the others
const MOST_LISTED = 500; // stretches of a timeline
const RECORDED_MAX_MS = 10 * 60 * 1000;
const $ = (id) => document.getElementById(id);
const player = $("player");
let about = { classifiers: [], limit: Infinity, too_large: "" };
let asking = new AbortController(); // of the present sound's request
let seconds = 0; // its duration

function make(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

function report(text) { $("status").textContent = text; }

function complain(text) {
  $("error").textContent = text;
  $("error").hidden = !text;
}

function clock(s) { // 75.5 as 1:15.5
  const rest = (s % 60).toFixed(seconds < 60 ? 2 : 0);
  return seconds < 60 ? `${rest} s` : `${Math.floor(s / 60)}:${rest.padStart(2, "0")}`;
}

async function ask(sound, name) {
  asking.abort();
  const mine = asking = new AbortController();
  complain("");
  player.pause();
  report("");
  $("result").hidden = $("done").hidden = true;
  if (sound.size > about.limit) return complain(`${name} ${about.too_large}`);
  report(`Uploading ${name} …`);
  try {
    const response = await fetch(`ask?name=${encodeURIComponent(name)}`, { method: "POST", body: sound, signal: mine.signal });
    if (!response.ok) throw Error((await response.json()).error);
    const lines = linesOf(response.body);
    show(sound, name, JSON.parse((await lines.next()).value));
    report("The classifiers are predicting …");
    const answers = [];
    for await (const line of lines) {
      answers.push(JSON.parse(line));
      answer(answers.at(-1));
      $("done").value = answers.length;
    }
    $("done").hidden = true;
    report(summary(answers));
  } catch (error) {
    if (mine.signal.aborted) return; // for another sound
    $("done").hidden = true;
    report("");
    complain(error instanceof TypeError ? "The server does not answer: is `make app` still running?" : error.message);
  }
}

function summary(answers) { // the classes with the most votes
  const able = answers.filter((prediction) => !prediction.not_run), votes = Object.create(null);
  for (const name of able.flatMap((prediction) => prediction.classes)) votes[name] = (votes[name] ?? 0) + 1;
  const most = Object.keys(votes).sort((a, b) => votes[b] - votes[a]).slice(0, MOST_SHOWN);
  const which = most.map((name) => `${name} (${votes[name]})`).join(", ") || "no class";
  return `Done: ${able.length} of ${answers.length} classifiers predicted${able.length ? ` ${which}` : ""}.`;
}

async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}

function show(sound, name, spectrogram) {
  seconds = spectrogram.seconds;
  URL.revokeObjectURL(player.src);
  player.src = URL.createObjectURL(sound);
  $("name").textContent = name;
  $("spectrogram").src = spectrogram.image;
  $("spectrogram").alt = `Mel spectrogram of ${name}, ${seconds.toFixed(2)} seconds`;
  $("top").textContent = `${spectrogram.hz / 1000} kHz`;
  $("end").textContent = clock(seconds);
  $("answers").className = "";
  $("answers").replaceChildren(...about.classifiers.map((c) => make("li", { id: `of-${c}` },
    make("h3", { textContent: c }), make("p", { className: "waiting", textContent: "waiting …" }))));
  Object.assign($("done"), { value: 0, max: about.classifiers.length });
  $("result").hidden = $("done").hidden = false;
}

function answer(prediction) {
  const item = $(`of-${prediction.name}`) ?? $("answers").appendChild(make("li", { id: `of-${prediction.name}` }));
  const title = make("h3", {}, make("span", { textContent: prediction.name }));
  if (prediction.not_run) {
    item.replaceChildren(title, make("p", { className: "waiting", textContent: `Not run: ${prediction.not_run}` }));
    item.className = "mute";
    $("answers").append(item); // behind the others
    return;
  }
  title.append(make("span", { className: "classes", textContent: prediction.classes.join(", ") || "no class" }));
  if (prediction.folds > 1) title.append(make("span", { className: "folds", textContent: `mean of ${prediction.folds} models, one a fold` }));
  const ranked = Object.keys(prediction.probabilities).sort((a, b) => prediction.probabilities[b] - prediction.probabilities[a]);
  const list = make("dl", {}, ...ranked.slice(0, MOST_SHOWN).flatMap((name) => probability(name, prediction)));
  item.replaceChildren(title, list);
  if (ranked.length > MOST_SHOWN) {
    item.append(folded(`All ${ranked.length} classes`, () => make("dl", {}, ...ranked.flatMap((name) => probability(name, prediction)))));
  }
  if (prediction.segments.length) {
    $("answers").className = "long";
    item.append(folded("Over time", () => stretches(prediction.segments)));
  }
}

function probability(name, prediction) { // its name, number, bar, and for segments a timeline
  const value = prediction.probabilities[name];
  const bar = make("div");
  bar.style.width = `${100 * value}%`;
  const nodes = [make("dt", { textContent: name }), make("dd", { className: "number", textContent: value.toFixed(3) }),
    make("dd", { className: "track", ariaHidden: "true" }, bar)];
  return prediction.segments.length ? [...nodes, make("dd", { className: "when along" }, timeline(name, prediction.segments))] : nodes;
}

function timeline(name, segments) { // a pixel a segment, stretched to the hop
  const canvas = make("canvas", { width: segments.length, height: 1, role: "img", ariaLabel: `Probability of ${name} over time` });
  const hop = segments[1].start_s - segments[0].start_s;
  canvas.style.width = `${100 * hop * segments.length / seconds}%`;
  const pen = canvas.getContext("2d");
  pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--bar");
  segments.forEach((segment, k) => {
    pen.globalAlpha = segment.probabilities[name];
    pen.fillRect(k, 0, 1, 1);
  });
  return canvas;
}

function stretches(segments) { // a button for each change of the predicted classes
  const starts = segments.filter((s, k) => !k || String(s.classes) !== String(segments[k - 1].classes));
  const buttons = starts.slice(0, MOST_LISTED).map((s) => make("li", {}, make("button", {
    type: "button", textContent: `${clock(s.start_s)} ${s.classes.join(", ") || "none"}`, onclick: () => play(s.start_s) })));
  return make("ol", {}, ...buttons, ...(starts.length > MOST_LISTED ? [make("li", { textContent: `and ${starts.length - MOST_LISTED} more` })] : []));
}

function folded(title, fill) { // filled when it is opened
  const node = make("details", {}, make("summary", { textContent: title }));
  node.addEventListener("toggle", () => node.append(fill()), { once: true });
  return node;
}

function play(from) {
  player.currentTime = from;
  player.play().catch(() => {}); // the player reports it
}

player.addEventListener("timeupdate", () => $("result").style.setProperty("--at", player.currentTime / seconds));
player.addEventListener("error", () => complain("This browser cannot play the sound. The predictions are not affected."));
$("result").addEventListener("click", (event) => {
  const along = event.target.closest(".along");
  if (along) play((event.clientX - along.getBoundingClientRect().left) / along.clientWidth * seconds);
});

$("file").addEventListener("change", () => { if ($("file").files[0]) ask($("file").files[0], $("file").files[0].name); });
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    event.preventDefault(); // or the browser would open the file instead of the page
    document.body.classList.toggle("over", type === "dragover");
    if (type === "drop" && event.dataTransfer.files[0]) ask(event.dataTransfer.files[0], event.dataTransfer.files[0].name);
  });
}

let recorder = null;
$("record").addEventListener("click", async () => {
  if (recorder) return recorder.stop();
  complain("");
  try {
    // unprocessed: browsers' speech enhancement would change the predictions
    const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
    const parts = [];
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      recording(false);
      wav(new Blob(parts)).then((sound) => ask(sound, "recording.wav")).catch(() => complain("Nothing was recorded."));
    };
    recorder.start();
    setTimeout((mine) => mine === recorder && mine.stop(), RECORDED_MAX_MS, recorder);
    recording(true);
  } catch (error) {
    recorder = null;
    complain(`The microphone cannot be used: ${error.message}`);
  }
});

function recording(on) {
  if (!on) recorder = null;
  $("record").textContent = on ? "Stop" : "Record";
  $("record").classList.toggle("recording", on);
  report(on ? "Recording …" : "");
}

async function wav(blob) { // browsers differ in their recording formats, and no decoder reads all of them
  const context = new AudioContext();
  const sound = await context.decodeAudioData(await blob.arrayBuffer());
  context.close();
  const y = sound.getChannelData(0);
  const bytes = new DataView(new ArrayBuffer(44 + 2 * y.length));
  const text = (at, letters) => [...letters].forEach((letter, k) => bytes.setUint8(at + k, letter.charCodeAt(0)));
  text(0, "RIFF"); bytes.setUint32(4, 36 + 2 * y.length, true);
  text(8, "WAVEfmt "); bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true); bytes.setUint16(22, 1, true); // PCM, one channel
  bytes.setUint32(24, sound.sampleRate, true); bytes.setUint32(28, 2 * sound.sampleRate, true);
  bytes.setUint16(32, 2, true); bytes.setUint16(34, 16, true);
  text(36, "data"); bytes.setUint32(40, 2 * y.length, true);
  y.forEach((value, k) => bytes.setInt16(44 + 2 * k, Math.max(-32768, Math.min(32767, Math.round(32768 * value))), true));
  return new Blob([bytes], { type: "audio/wav" });
}

fetch("about").then((response) => response.json()).then((content) => {
  about = content;
  $("about").textContent = `${content.classifiers.length} classifiers in models/. The sound stays on this machine.`;
}).catch(() => complain("The server does not answer: is `make app` still running?"));
