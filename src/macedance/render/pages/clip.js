"use strict";

/** One card: its stage, plot and controls. Sound leads if there is some, else the video, else a timer. */
class Clip {
  static playing = null;

  constructor(card, data, skeleton) {
    Object.assign(this, { card, data, now: 0, followers: [] });
    this.plot = card.querySelector(".plot");
    this.button = card.querySelector("button");
    this.slider = card.querySelector("input");
    this.time = card.querySelector(".time");
    this.key = card.querySelector("h2").textContent;
    this.slider.max = data.seconds;
    if (data.video) this.addVideo();
    if (data.sound) this.lead(new Audio(mediaUrl(data.sound, "audio/flac")));
    if (data.figure) this.addFigure(skeleton);
    this.button.addEventListener("click", () => (Clip.playing === this ? this.pause() : this.play()));
    this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
    for (const kind of ["pointerdown", "pointermove"]) this.plot.addEventListener(kind, (event) => this.scrub(event));
    this.draw();
  }

  addVideo() {
    const video = document.createElement("video");
    video.src = mediaUrl(this.data.video, "video/mp4");
    video.preload = "auto";
    video.playsInline = true;
    video.setAttribute("aria-label", `Video of ${this.key}`);
    this.card.querySelector(".stage").append(video);
    this.lead(video);
  }

  addFigure(skeleton) {
    const canvas = document.createElement("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Figure of ${this.key}; drag or use the arrow keys to turn the view`);
    this.card.querySelector(".stage").append(canvas);
    this.figure = new Figure(canvas, this.data.figure, skeleton);
  }

  /** Let this element tell the time; one that did before follows, silently. */
  lead(element) {
    if (this.leader) {
      this.leader.muted = true;
      this.followers.push(this.leader);
    }
    this.leader = element;
    element.addEventListener("error", () => this.tell("This browser cannot play its " + element.tagName.toLowerCase() + "."));
  }

  tell(message) {
    this.card.querySelector(".message").textContent = message;
  }

  play() {
    Clip.playing?.pause();
    if (this.now >= this.data.seconds - 0.02) this.seek(0);
    Clip.playing = this;
    this.startedAt = performance.now() - 1000 * this.now;
    for (const element of [this.leader, ...this.followers]) {
      element?.play().catch((error) => this.stopped(error));
    }
    this.button.textContent = "Pause";
    this.button.setAttribute("aria-label", `Pause ${this.key}`);
    requestAnimationFrame(() => this.tick());
  }

  /** Playing fails where a browser lacks the codec; that a pause came first is no failure. */
  stopped(error) {
    if (error.name === "AbortError") return;
    this.tell(`It cannot be played: ${error.message}`);
    this.pause();
  }

  pause() {
    if (Clip.playing === this) Clip.playing = null;
    for (const element of [this.leader, ...this.followers]) element?.pause();
    this.button.textContent = "Play";
    this.button.setAttribute("aria-label", `Play ${this.key}`);
  }

  tick() {
    if (Clip.playing !== this) return;
    const told = this.leader ? this.leader.currentTime : (performance.now() - this.startedAt) / 1000;
    this.now = Math.min(told, this.data.seconds);
    for (const follower of this.followers) {
      if (Math.abs(follower.currentTime - told) > 0.1 && told < follower.duration) follower.currentTime = told;
    }
    this.draw();
    if (this.leader?.ended || told >= this.data.seconds) {
      this.now = this.data.seconds;
      this.draw();
      this.pause();
    } else {
      requestAnimationFrame(() => this.tick());
    }
  }

  scrub(event) {
    if (!event.buttons) return;
    this.plot.setPointerCapture(event.pointerId);
    this.seek((event.offsetX / this.plot.clientWidth) * this.data.seconds);
  }

  seek(seconds) {
    this.now = Math.min(Math.max(seconds, 0), this.data.seconds);
    this.startedAt = performance.now() - 1000 * this.now;
    for (const element of [this.leader, ...this.followers]) if (element) element.currentTime = this.now;
    this.draw();
  }

  draw() {
    if (this.card.hidden) return;
    drawPlot(this.plot, this.data, this.now);
    this.figure?.draw(this.now);
    const text = `${this.now.toFixed(1)} / ${this.data.seconds.toFixed(1)} s`;
    this.slider.value = this.now;
    this.slider.setAttribute("aria-valuetext", text);
    this.time.textContent = text;
  }
}
