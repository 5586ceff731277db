"use strict";

{
  const page = JSON.parse(document.getElementById("data").textContent);
  const cards = [...document.querySelectorAll(".card")];
  const clips = cards.map((card, number) => new Clip(card, page.clips[number], page.skeleton));
  const [split, genre] = ["split", "genre"].map((id) => document.getElementById(id));
  const fits = (select, value) => select.value === "*" || select.value === value;
  const drawAll = () => clips.forEach((clip) => clip.draw());

  const filter = () => {
    for (const clip of clips) {
      clip.card.hidden = !(fits(split, clip.card.dataset.split) && fits(genre, clip.card.dataset.genre));
      if (clip.card.hidden && Clip.playing === clip) clip.pause();
    }
    const shown = clips.filter((clip) => !clip.card.hidden).length;
    document.getElementById("shown").textContent = `${shown} of ${clips.length} clips`;
    drawAll();
  };

  for (const select of [split, genre]) select.addEventListener("change", filter);
  window.addEventListener("resize", drawAll);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  filter();
}
