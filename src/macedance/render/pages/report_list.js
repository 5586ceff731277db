"use strict";

const NUM_EXTREMES = 3;

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** The clips in order of a score, the best and the worst first. */
class ClipList {
  constructor(root, select, { columns, clips, first }) {
    Object.assign(this, { root, select, columns, clips });
    for (const { name, title } of columns) select.append(new Option(title, name, name === first, name === first));
    if (!columns.length) select.closest("label").hidden = true;
    select.addEventListener("change", () => this.fill());
    this.fill();
  }

  value(clip) {
    return clip.scores.generated?.[this.select.value];
  }

  fill() {
    const better = this.columns.find(({ name }) => name === this.select.value)?.better ?? "";
    const known = this.clips.filter((clip) => this.value(clip));
    known.sort((a, b) => (better === "higher" ? -1 : 1) * (this.value(a)[0] - this.value(b)[0]));
    const num = Math.min(NUM_EXTREMES, Math.floor(known.length / 2));
    const [first, last] = better ? ["Best", "Worst"] : ["Lowest", "Highest"];
    this.groups = [
      [first, better && "best", known.slice(0, num)],
      [last, better && "worst", known.slice(known.length - num).reverse()],
      [num ? "Between" : "All", "", known.slice(num, known.length - num)],
      ["Not scored", "", this.clips.filter((clip) => !this.value(clip))],
    ].filter(([, , clips]) => clips.length);
    this.root.replaceChildren(...this.groups.flatMap(([title, kind, clips]) => this.group(title, kind, clips)));
    this.mark(this.current);
  }

  group(title, kind, clips) {
    const list = document.createElement("ol");
    for (const clip of clips) {
      const item = document.createElement("li");
      item.append(this.entry(clip));
      list.append(item);
    }
    return [element("h3", kind || "", title), list];
  }

  entry(clip) {
    const isShown = clip.place !== null;
    const entry = element(isShown ? "a" : "div", isShown ? "entry" : "entry left-out");
    if (isShown) entry.href = `#clip=${encodeURIComponent(clip.key)}`;
    const picture = element(clip.thumbnail ? "img" : "span", clip.thumbnail ? "" : "blank");
    if (clip.thumbnail) Object.assign(picture, { src: clip.thumbnail, alt: "" });
    const name = element("span", "name", clip.key);
    name.title = clip.key;
    const facts = element("span", "facts", isShown ? clip.about : `left out of this page · ${clip.about}`);
    entry.append(picture, name, element("span", "value", this.value(clip)?.[1] ?? ""), facts);
    entry.dataset.key = clip.key;
    return entry;
  }

  /** The clip to begin with. */
  firstShown() {
    return this.groups.flatMap(([, , clips]) => clips).find((clip) => clip.place !== null);
  }

  mark(key) {
    this.current = key;
    for (const entry of this.root.querySelectorAll(".entry")) {
      entry.setAttribute("aria-current", entry.dataset.key === key);
    }
  }
}
