"use strict";

const moves = [...document.querySelectorAll("video[loop]")];
const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;

function play(video) {
  video.play().catch(() => {});  // refused by the browser: its first picture stays
}

const inView = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) target.pause();
    else if (!isStill) play(target);
  }
}, { threshold: 0.5 });

function hear(video) {
  for (const other of moves) other.muted = other !== video || !other.muted;
  play(video);
}

for (const video of moves) {
  video.title = "Click to hear the beat";
  inView.observe(video);
  video.addEventListener("mouseenter", () => play(video));
  video.addEventListener("click", () => hear(video));
  video.addEventListener("keydown", (event) => {
    if (event.key === "Enter") hear(video);
  });
}
