"use strict";

/** Two videos that play in step, with the sound of one of them. */
class Player {
  constructor(left, right, { onTime, onState, onWatched, onFailure }) {
    Object.assign(this, { videos: [left, right], onTime, onState, onWatched, onFailure });
    this.isSoundOn = true;
    for (const video of this.videos) {
      video.addEventListener("ended", () => this.ended());
      video.addEventListener("error", () => video.error && this.onFailure()); // none once another one is shown
    }
  }

  /** Show two videos (base64) from their start; soundFrom is 0 or 1, or -1 if neither has sound. */
  show(contents, soundFrom) {
    this.clear();
    this.soundFrom = soundFrom;
    this.wasWatched = false;
    this.videos.forEach((video, side) => {
      video.src = mediaUrl(contents[side], "video/mp4");
    });
    this.setSound(this.isSoundOn);
  }

  clear() {
    this.pause();
    for (const video of this.videos) {
      if (!video.src) continue;
      URL.revokeObjectURL(video.src);
      video.removeAttribute("src");
      video.load();
    }
  }

  get isPlaying() {
    return this.videos.some((video) => !video.paused && !video.ended);
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  async play() {
    if (this.videos.every((video) => video.ended)) for (const video of this.videos) video.currentTime = 0;
    try {
      await Promise.all(this.videos.filter((video) => !video.ended).map((video) => video.play()));
    } catch (error) {
      // That a pause came first is no failure; what may not start by itself waits for the button.
      const isFailure = !["AbortError", "NotAllowedError"].includes(error.name);
      if (isFailure) this.onFailure();
    }
    this.onState();
    requestAnimationFrame(() => this.tick());
  }

  pause() {
    for (const video of this.videos) video.pause();
    this.onState();
  }

  setSound(isOn) {
    this.isSoundOn = isOn;
    this.videos.forEach((video, side) => (video.muted = !isOn || side !== this.soundFrom));
    this.onState();
  }

  tick() {
    if (!this.isPlaying) return;
    const [leader, follower] = this.soundFrom === 1 ? [...this.videos].reverse() : this.videos;
    const isApart = Math.abs(leader.currentTime - follower.currentTime) > 0.08;
    if (isApart && !leader.ended && !follower.ended && leader.currentTime < follower.duration) {
      follower.currentTime = leader.currentTime;
    }
    this.onTime(leader.currentTime / (leader.duration || 1));
    requestAnimationFrame(() => this.tick());
  }

  ended() {
    if (!this.videos.every((video) => video.ended)) return;
    const isFirstTime = !this.wasWatched;
    this.wasWatched = true;
    this.onTime(1);
    this.onState();
    if (isFirstTime) this.onWatched();
  }
}
