"use strict";

const SEEK_SECONDS = 0.5;

{
  const parsed = (id) => JSON.parse(document.getElementById(id).textContent);
  const index = parsed("index");
  const byId = (id) => document.getElementById(id);

  /** The viewer; undefined, and said, where a browser cannot draw in 3D. */
  const makeViewer = (player) => {
    const figure = player.figures.body;
    const [generated, truth] = [".label.generated", ".label.truth"].map((name) => figure.querySelector(name));
    try {
      return new Viewer(figure.querySelector("canvas"), { generated, truth }, parsed("body-data"));
    } catch (error) {
      player.tell(`The motion cannot be shown, since this browser does not draw in 3D: ${error.message}`);
      return undefined;
    }
  };

  const player = new Player(byId("player"), index, makeViewer);
  byId("browse").hidden = !index.clips.length;
  const list = new ClipList(byId("list"), byId("order"), index);

  const openAddressed = () => {
    const key = location.hash.startsWith("#clip=") ? decodeURIComponent(location.hash.slice(6)) : null;
    const clip = index.clips.find((one) => one.key === key && one.place !== null) ?? list.firstShown();
    if (!clip) return;
    player.open(clip, parsed(`clip-${clip.place}`));
    list.mark(clip.key);
    const { top } = byId("player").getBoundingClientRect();
    if (key !== null && (top < 0 || top > window.innerHeight / 2)) byId("player").scrollIntoView();
  };

  const keys = {
    " ": (target) => !target.closest("button, summary, a") && (player.toggle(), true),
    ArrowLeft: () => (player.seek(player.now - SEEK_SECONDS), true),
    ArrowRight: () => (player.seek(player.now + SEEK_SECONDS), true),
  };

  document.addEventListener("keydown", (event) => {
    if (!player.data || event.target.closest("select") || event.ctrlKey || event.altKey || event.metaKey) return;
    if (keys[event.key]?.(event.target)) event.preventDefault();
  });
  window.addEventListener("hashchange", openAddressed);
  window.addEventListener("resize", () => player.draw());
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    player.viewer?.stage.recolor();
    player.draw();
  });
  openAddressed();

  /** For whoever tries the page by a program: what is shown at the moment. */
  window.reportState = () => ({
    key: player.clip?.key,
    seconds: player.now,
    isPlaying: player.isPlaying,
    shown: player.shown,
    joints: player.viewer?.joints() ?? {},
  });
}
