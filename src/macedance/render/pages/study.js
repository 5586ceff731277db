"use strict";

const byId = (id) => document.getElementById(id);

/** The page's three screens: start, trial after trial, end. */
class Study {
  constructor(page) {
    this.page = page;
    this.player = new Player(byId("left"), byId("right"), {
      onTime: (share) => (byId("time").value = share),
      onState: () => this.drawPlayer(),
      onWatched: () => this.ask(),
      onFailure: () => this.offerSkip(),
    });
    byId("join").addEventListener("submit", (event) => this.join(event));
    byId("participant").addEventListener("input", () => this.drawStored());
    for (const button of this.choices) button.addEventListener("click", (event) => this.press(event));
    const actions = {
      play: () => this.player.toggle(),
      sound: () => this.player.setSound(!this.player.isSoundOn),
      back: () => this.back(),
      skip: () => this.skip(),
      stop: () => this.finish(),
      more: () => this.showTrial(this.answers.next()),
      leave: () => this.start(""),
    };
    for (const [id, act] of Object.entries(actions)) byId(id).addEventListener("click", act);
    document.addEventListener("keydown", (event) => this.key(event));
    this.start(Answers.current(page));
  }

  get choices() {
    return ["left", "same", "right"].map((side) => byId(`choose-${side}`));
  }

  show(screen) {
    for (const main of document.querySelectorAll("main")) main.hidden = main.id !== screen;
    window.scrollTo(0, 0);
  }

  start(participant) {
    const drawn = [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => byte.toString(16).padStart(2, "0"));
    byId("participant").value = participant || `p${drawn.join("")}`;
    this.drawStored();
    this.show("start");
  }

  drawStored() {
    const done = new Answers(this.page, byId("participant").value).numDone();
    byId("stored").textContent = done ? `This browser has answers to ${done} pairs from this code; they go on.` : "";
  }

  join(event) {
    event.preventDefault();
    this.answers = new Answers(this.page, byId("participant").value);
    this.answers.keep();
    this.showTrial(this.answers.next());
  }

  showTrial(index, questionNumber) {
    if (index >= this.answers.trials.length) return this.finish();
    this.index = index;
    this.trial = this.answers.trials[index];
    this.questions = this.answers.questionsOf(this.trial);
    const open = this.questions.findIndex((question) => !this.answers.of(index, question));
    this.number = questionNumber ?? Math.max(open, 0);
    const { clip, left, right } = this.trial;
    const media = (run) => byId(`video-${clip.code}-${run}`).textContent;
    this.show("trial");
    byId("place").textContent = `Pair ${index + 1} of ${this.answers.trials.length}`;
    byId("time").value = 0;
    if (clip.picture) byId("picture").src = `data:image/jpeg;base64,${byId(`picture-${clip.code}`).textContent}`;
    const isLost = "This browser keeps no answers: do not close the page before you download them.";
    this.tell(this.answers.isKept ? "" : isLost);
    byId("skip").hidden = true;
    this.player.show([media(left), media(right)], [left, right].findIndex((run) => clip.soundOf.includes(run)));
    byId("sound").hidden = !clip.sound;
    this.ask();
    this.player.play();
  }

  ask() {
    const question = this.questions[this.number];
    const known = this.answers.of(this.index, question)?.choice;
    const hasWatched = this.player.wasWatched;
    byId("asked").textContent = hasWatched
      ? `Question ${this.number + 1} of ${this.questions.length}`
      : "You can answer when both have played once";
    byId("progress").value = (this.index + this.number / this.questions.length) / this.answers.trials.length;
    byId("question").textContent = question.text;
    byId("hint").textContent = question.hint;
    byId("person").hidden = question.needs !== "picture";
    for (const button of this.choices) {
      button.disabled = !hasWatched;
      button.setAttribute("aria-pressed", String(button.value === known));
    }
    byId("back").disabled = this.index === 0 && this.number === 0;
    this.askedAt = performance.now();
  }

  press({ currentTarget, detail }) {
    if (detail > 0) currentTarget.blur(); // after the mouse, so that the space bar plays and does not press it again
    this.choose(currentTarget.value);
  }

  choose(choice) {
    if (!this.player.wasWatched) return;
    const seconds = Math.round((performance.now() - this.askedAt) / 100) / 10;
    this.answers.answer(this.index, this.questions[this.number], choice, seconds);
    this.number += 1;
    if (this.number < this.questions.length) this.ask();
    else this.showTrial(this.answers.next());
  }

  back() {
    if (this.number > 0) {
      this.number -= 1;
      this.ask();
    } else if (this.index > 0) {
      this.showTrial(this.index - 1, this.answers.questionsOf(this.answers.trials[this.index - 1]).length - 1);
    }
  }

  offerSkip() {
    if (this.player.wasWatched) return;
    this.tell("This browser cannot play this pair. Skip it; there will be no answers to it.");
    byId("skip").hidden = false;
  }

  skip() {
    this.answers.skip(this.index);
    this.showTrial(this.answers.next());
  }

  finish() {
    this.player.clear();
    const [done, all] = [this.answers.numDone(), this.answers.trials.length];
    const isOver = this.answers.next() === all;
    byId("thanks").textContent = isOver ? "Thank you, that was all!" : "Thank you!";
    byId("summary").textContent = `You have answered ${done} of ${all} pairs, as ${this.answers.participant}.`;
    byId("more").hidden = isOver;
    const link = byId("download");
    if (link.href) URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([this.answers.csv()], { type: "text/csv" }));
    link.download = `votes-${this.page.study.slice(0, 8)}-${this.answers.participant}.csv`;
    this.show("end");
  }

  key(event) {
    if (byId("trial").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    const isOnButton = event.target.closest("button") !== null;
    const acts = {
      ArrowLeft: () => this.choose("left"),
      ArrowRight: () => this.choose("right"),
      ArrowDown: () => this.choose("same"),
      Backspace: () => this.back(),
      m: () => this.player.setSound(!this.player.isSoundOn),
      " ": () => this.player.toggle(),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.repeat || (event.key === " " && isOnButton)) return;
    event.preventDefault();
    act();
  }

  tell(message) {
    byId("message").textContent = message;
  }

  drawPlayer() {
    const { isPlaying, isSoundOn, wasWatched } = this.player;
    byId("play").textContent = isPlaying ? "Pause" : wasWatched ? "Play again" : "Play";
    byId("sound").textContent = isSoundOn ? "Sound on" : "Sound off";
    byId("sound").setAttribute("aria-pressed", String(isSoundOn));
  }
}

new Study(JSON.parse(byId("data").textContent));
