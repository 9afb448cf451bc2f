import { effect, signal } from "@preact/signals";
import { call, LoggedOut, newKey, Problem, Unreachable, type Answer } from "../api/client";
import { phase } from "../session/session";

// How a write goes on: "waiting" is for the platform to answer, or for the person to log in again.
export type Progress = { state: "idle" | "saving" } | { state: "waiting"; offline: boolean };

// A Submission sends a write until the platform answers it, always with the Idempotency-Key of its content: however often it is sent, it
// has one effect.
export class Submission {
  readonly progress = signal<Progress>({ state: "idle" });
  #last = { content: "", key: "" };
  #running = 0;
  #wake: () => void = () => undefined;

  // send returns the answer, or null after stop. It throws Problem.
  async send<T>(method: string, path: string, body: unknown, condition: { ifMatch?: string | null; ifNoneMatch?: string } = {}): Promise<Answer<T> | null> {
    const content = JSON.stringify([method, path, body, condition]);
    if (content !== this.#last.content) this.#last = { content, key: newKey() };
    const run = ++this.#running;
    for (let tries = 0; run === this.#running; tries++) {
      this.progress.value = tries ? this.progress.value : { state: "saving" };
      try {
        const answer = await call<T>(method, path, { body, key: this.#last.key, ...condition });
        this.#last = { content: "", key: "" };
        return run === this.#running ? answer : null;
      } catch (error) {
        if (error instanceof Problem) this.#last = { content: "", key: "" };
        if (!(error instanceof Unreachable || error instanceof LoggedOut)) throw error;
        this.progress.value = { state: "waiting", offline: error instanceof Unreachable && error.offline };
        await this.#pause(error instanceof Unreachable ? Math.max(error.after, Math.min(2 ** tries, 15)) : Infinity);
      } finally {
        if (run === this.#running && this.progress.value.state === "saving") this.progress.value = { state: "idle" };
      }
    }
    return null;
  }

  // retry ends a pause before its time.
  retry() { this.#wake(); }

  // stop gives up what is being sent. It may have had its effect.
  stop() {
    this.#running++;
    this.#wake();
    this.progress.value = { state: "idle" };
  }

  // #pause waits some seconds, for the network to come back, or for a log-in.
  #pause(seconds: number): Promise<void> {
    return new Promise(resolve => {
      const before = phase.value;
      const done = () => { clearTimeout(timer); removeEventListener("online", done); dispose(); resolve(); };
      const timer = setTimeout(() => done(), Math.min(seconds * 1000, 0x7fffffff));
      const dispose = effect(() => { if (phase.value === "in" && before !== "in") queueMicrotask(done); });
      addEventListener("online", done);
      this.#wake = done;
    });
  }
}
