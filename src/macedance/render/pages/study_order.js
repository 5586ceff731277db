"use strict";

/** A number below 2^32 that looks drawn but follows from the text: its FNV-1a hash, with all bits mixed. */
function draw(text) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The numbers below count in an order that follows from the label. */
function shuffled(count, label) {
  const numbers = [...Array(count).keys()];
  const places = numbers.map((number) => draw(`${label}/${number}`));
  return numbers.sort((one, other) => places[one] - places[other]);
}

/**
 * All pairs of runs with all clips, as they are shown to a participant.
 *
 * They come in rounds. In each, every pair of runs is seen once, so that one who stops early has seen all pairs about
 * equally often. In every two rounds, a pair has its sides once so and once so.
 */
function orderOfTrials({ study, runs, clips }, participant) {
  const label = `${study}/${participant}`;
  const pairs = runs.flatMap((run, index) => runs.slice(index + 1).map((other) => [run, other]));
  const clipOrder = shuffled(clips.length, `${label}/clips`);
  return clips.flatMap((_, round) =>
    shuffled(pairs.length, `${label}/round ${round}`).map((number) => {
      const clip = clips[clipOrder[(round + number) % clips.length]];
      const isSwapped = (draw(`${label}/sides ${number}/${round >> 1}`) + round) % 2 === 1;
      const [left, right] = isSwapped ? [...pairs[number]].reverse() : pairs[number];
      return { clip, left, right };
    }),
  );
}
