"use strict";

/** What one participant answered, kept in this browser after each answer. */
class Answers {
  constructor(page, participant) {
    Object.assign(this, { page, participant });
    this.trials = orderOfTrials(page, participant);
    this.place = `macedance study ${page.study} ${participant}`;
    this.isKept = true;
    this.choices = {};
    this.skipped = new Set(); // not kept: they may play when the page is opened again
    try {
      const known = JSON.parse(localStorage.getItem(this.place) ?? "{}");
      for (const [name, { choice, seconds }] of Object.entries(known)) this.choices[name] = { choice, seconds };
    } catch {
      this.isKept = false;
    }
  }

  /** Who answered last in this browser; empty if nobody did. */
  static current(page) {
    try {
      return localStorage.getItem(`macedance study ${page.study}`) ?? "";
    } catch {
      return "";
    }
  }

  keep() {
    try {
      localStorage.setItem(this.place, JSON.stringify(this.choices));
      localStorage.setItem(`macedance study ${this.page.study}`, this.participant);
    } catch {
      this.isKept = false;
    }
  }

  questionsOf(trial) {
    return this.page.questions.filter(({ needs }) => !needs || trial.clip[needs]);
  }

  of(index, question) {
    return this.choices[`${index}/${question.name}`];
  }

  answer(index, question, choice, seconds) {
    this.choices[`${index}/${question.name}`] = { choice, seconds };
    this.keep();
  }

  /** Leave a trial that cannot be played out, with what was answered of it unless that was all. */
  skip(index) {
    if (!this.isDone(index)) {
      for (const question of this.questionsOf(this.trials[index])) delete this.choices[`${index}/${question.name}`];
    }
    this.skipped.add(index);
    this.keep();
  }

  isDone(index) {
    return this.questionsOf(this.trials[index]).every((question) => this.of(index, question));
  }

  numDone() {
    return this.trials.filter((_, index) => this.isDone(index)).length;
  }

  /** The first trial that lacks an answer and was not skipped; one past the last if there is none. */
  next() {
    const index = this.trials.findIndex((_, number) => !this.isDone(number) && !this.skipped.has(number));
    return index < 0 ? this.trials.length : index;
  }

  /** All answers as CSV, every cell in quotes. */
  csv() {
    const rows = this.trials.flatMap((trial, index) =>
      this.questionsOf(trial)
        .filter((question) => this.of(index, question))
        .map((question) => {
          const { choice, seconds } = this.of(index, question);
          const about = [this.page.study, this.participant, index + 1, trial.clip.code, question.name];
          return [...about, trial.left, trial.right, choice, seconds];
        }),
    );
    const quoted = (cell) => `"${String(cell).replaceAll('"', '""')}"`;
    return [this.page.columns, ...rows].map((row) => row.map(quoted).join(",") + "\r\n").join("");
  }
}
