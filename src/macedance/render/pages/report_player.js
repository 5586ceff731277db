"use strict";

const SETS = { generated: "generated", truth: "ground truth" };
const DRIFT_SECONDS = 0.1;
const END_SECONDS = 0.02;
const UPRIGHT = 0.9;
const LANDSCAPE = 1.3;
const NARROW_PX = 640;

/** Shows one clip at a time. Its video tells the time, a timer if there is none; all else follows. */
class Player {
  constructor(root, { columns }, makeViewer) {
    Object.assign(this, { root, columns, makeViewer, now: 0, rate: 1, isPlaying: false, data: null });
    const find = (selector) => root.querySelector(selector);
    Object.assign(this, { plot: find(".plot"), button: find(".play"), slider: find("input"), time: find(".time") });
    this.figures = Object.fromEntries([...root.querySelectorAll("figure")].map((one) => [[...one.classList].at(-1), one]));
    this.videos = { generated: find(".generated video"), truth: find(".truth video") };
    Object.assign(this, { box: find(".videos"), urls: [] });
    this.button.addEventListener("click", () => this.toggle());
    this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
    for (const kind of ["pointerdown", "pointermove"]) this.plot.addEventListener(kind, (event) => this.scrub(event));
    this.choices = [...root.querySelectorAll("[data-show]")];
    for (const choice of this.choices) choice.addEventListener("click", () => this.choose(choice.dataset.show));
    find(".rate select").addEventListener("change", (event) => this.setRate(Number(event.target.value)));
    this.videos.generated.addEventListener("error", () => this.failed());
    for (const video of Object.values(this.videos)) video.addEventListener("loadedmetadata", () => this.fit());
  }

  open(clip, data) {
    this.pause();
    Object.assign(this, { clip, data, now: 0 });
    this.root.hidden = false;
    this.root.querySelector(".key").textContent = clip.key;
    this.root.querySelector(".heading .about").textContent = clip.about;
    this.slider.max = data.seconds;
    this.loadVideos();
    this.figures.person.hidden = !data.person;
    if (data.person) this.figures.person.querySelector("img").src = data.person;
    this.root.querySelector(".absent").textContent = data.absent.join(" ");
    this.fillScores();
    const hasTruth = Boolean(data.motions.truth || data.trueVideo);
    this.root.querySelector(".switch").hidden = !hasTruth;
    this.choose(hasTruth ? "both" : "generated");
    this.viewer?.face();
  }

  /** Go on without the video, by the timer. */
  failed() {
    if (!this.data?.video) return;
    this.data.video = undefined;
    this.choose(this.shown);
    this.tell("This browser cannot play its video.");
  }

  /** Give the videos as much room as they need side by side, or one over the other if they are not upright. */
  fit() {
    const seen = Object.entries(this.videos).filter(([name]) => !this.figures[name].hidden);
    const ratio = Math.max(0, ...seen.map(([, video]) => video.videoWidth / video.videoHeight || 0));
    const isStacked = seen.length > 1 && ratio > (this.box.parentElement.clientWidth < NARROW_PX ? LANDSCAPE : UPRIGHT);
    this.box.classList.toggle("stacked", isStacked);
    this.box.style.aspectRatio = ratio ? (isStacked ? ratio / seen.length : ratio * seen.length) : "auto";
    this.box.hidden = !seen.length;
    this.draw();
  }

  loadVideos() {
    this.videos.truth.muted = Boolean(this.data.video);

    for (const url of this.urls) URL.revokeObjectURL(url);
    this.urls = [];
    for (const [name, content] of [["generated", this.data.video], ["truth", this.data.trueVideo]]) {
      const video = this.videos[name];
      video.removeAttribute("src");
      if (content) {
        this.urls.push(mediaUrl(content, "video/mp4"));
        video.src = this.urls.at(-1);
        video.playbackRate = this.rate;
      } else video.load();
    }
  }

  fillScores() {
    const known = this.columns.filter(({ name }) => Object.keys(SETS).some((set) => this.score(set, name)));
    const row = (cells, tag) => {
      const made = document.createElement("tr");
      made.append(...cells.map((text) => element(tag, "", text)));
      return made;
    };
    const rows = Object.entries(SETS).filter(([, name]) => this.clip.scores[name]);
    this.root.querySelector(".of-clip").replaceChildren(
      ...(known.length ? [row(["this clip", ...known.map(({ title }) => title)], "th")] : []),
      ...rows.map(([set, title]) => row([title, ...known.map(({ name }) => this.score(set, name)?.[1] ?? "–")], "td")),
    );
  }

  score(set, name) {
    return this.clip.scores[SETS[set]]?.[name];
  }

  /** Show the generated clip, the ground truth, or both. */
  choose(shown) {
    this.shown = shown;
    for (const choice of this.choices) choice.setAttribute("aria-pressed", choice.dataset.show === shown);
    const isShown = (name) => shown === "both" || shown === name;
    this.figures.generated.hidden = !this.data.video || !isShown("generated");
    this.figures.truth.hidden = !this.data.trueVideo || !isShown("truth");
    const motions = Object.fromEntries(Object.entries(this.data.motions).filter(([name]) => isShown(name)));
    this.root.querySelector(".of-sound").hidden = !this.data.peaks;
    for (const item of this.root.querySelectorAll(".of-motion")) item.hidden = !Object.keys(motions).length;
    this.figures.body.hidden = !Object.keys(motions).length;
    if (!this.figures.body.hidden) this.viewer ??= this.makeViewer(this);
    this.viewer?.show(motions);
    this.curves = this.plotted();
    this.root.querySelector(".of-music").hidden = !this.curves.musicBeats.length;
    this.root.querySelector(".legend .truth").hidden = !this.curves.other;
    this.fit();
  }

  plotted() {
    const { motions, seconds, peaks, musicBeats } = this.data;
    const isOfTruth = this.shown === "truth" || (this.shown === "both" && !motions.generated);
    const main = motions[isOfTruth ? "truth" : "generated"];
    const other = this.shown === "both" && !isOfTruth ? motions.truth : undefined;
    return { seconds, peaks, musicBeats, fps: main?.fps, speed: main?.speed, motionBeats: main?.motionBeats, other };
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  /** The videos that there are; the first tells the time. */
  playable() {
    return [this.data?.video && this.videos.generated, this.data?.trueVideo && this.videos.truth].filter(Boolean);
  }

  play() {
    if (this.now >= this.data.seconds - END_SECONDS) this.seek(0);
    this.isPlaying = true;
    this.startTimer();
    for (const video of this.playable()) video.play().catch((error) => this.stopped(error));
    this.button.textContent = "Pause";
    requestAnimationFrame(() => this.tick());
  }

  /** Playing fails where a browser lacks the codec; that a pause came first is no failure. */
  stopped(error) {
    if (error.name === "AbortError") return;
    this.tell(`It cannot be played: ${error.message}`);
    this.pause();
  }

  pause() {
    this.isPlaying = false;
    for (const video of this.playable()) video.pause();
    this.button.textContent = "Play";
  }

  startTimer() {
    Object.assign(this, { startedAt: performance.now(), startedFrom: this.now });
  }

  tick() {
    if (!this.isPlaying) return;
    const [leader, ...followers] = this.playable();
    const timed = this.startedFrom + (this.rate * (performance.now() - this.startedAt)) / 1000;
    const told = leader ? leader.currentTime : timed;
    for (const video of followers) {
      if (Math.abs(video.currentTime - told) > DRIFT_SECONDS && told < video.duration) video.currentTime = told;
    }
    const isOver = leader?.ended || told >= this.data.seconds;
    this.now = isOver ? this.data.seconds : told;
    this.draw();
    if (isOver) this.pause();
    else requestAnimationFrame(() => this.tick());
  }

  scrub(event) {
    if (!event.buttons || !this.data) return;
    this.plot.setPointerCapture(event.pointerId);
    this.seek((event.offsetX / this.plot.clientWidth) * this.data.seconds);
  }

  seek(seconds) {
    this.now = Math.min(Math.max(seconds, 0), this.data.seconds);
    this.startTimer();
    for (const video of this.playable()) video.currentTime = this.now;
    this.draw();
  }

  setRate(rate) {
    this.rate = rate;
    this.startTimer();
    for (const video of this.playable()) video.playbackRate = rate;
  }

  tell(message) {
    this.root.querySelector(".absent").textContent = message;
  }

  draw() {
    if (!this.data) return;
    drawPlot(this.plot, this.curves, this.now);
    this.viewer?.draw(this.now);
    const text = `${this.now.toFixed(1)} / ${this.data.seconds.toFixed(1)} s`;
    this.slider.value = this.now;
    this.slider.setAttribute("aria-valuetext", text);
    this.time.textContent = text;
  }
}
