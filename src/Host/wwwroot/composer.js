import { h } from "./messages.js";

const CHIPS = ["!help", '!memories add quote "Be kind to your future self." Ada', "!memories quotes", '!memories remind "tea" in "1 minute"'];
const TALLEST = 160;

/** Where one types. Keeps each line until the server has answered it. */
export class Composer {
  /** send gets text and ref and answers false when it cannot. */
  constructor({ form, field, chips, send }) {
    Object.assign(this, { form, field, send, lines: 0, underWay: new Map() });
    form.onsubmit = event => {
      event.preventDefault();
      this.submit();
    };
    field.onkeydown = event => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit();
    };
    field.oninput = () => this.fit();
    chips.append(...CHIPS.map(text => {
      const chip = h("button", { type: "button", class: "chip", title: text }, text);
      chip.onclick = () => this.write(text);
      return chip;
    }));
  }

  submit() {
    const text = this.field.value;
    const ref = String(++this.lines);
    if (!text.trim() || !this.send(text, ref)) return;
    this.underWay.set(ref, text);
    this.write("");
  }

  /** The line an answer is about; it is under way no longer. */
  answered(ref) {
    const text = this.underWay.get(ref) ?? "";
    this.underWay.delete(ref);
    return text;
  }

  /** Puts a refused line back, unless something else is being typed already. */
  giveBack(text) {
    if (text && !this.field.value) this.write(text);
  }

  /** True when lines were under way, whose answers will not come. */
  forget() {
    const any = this.underWay.size > 0;
    this.underWay.clear();
    return any;
  }

  write(text) {
    this.field.value = text;
    this.fit();
    this.field.focus();
  }

  fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, TALLEST)}px`;
  }
}
