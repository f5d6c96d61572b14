import { Chalk } from "chalk";
import type { ResourceEvent, Ui } from "../../src/report/ui.ts";

/** What a command said, as it came. */
export interface Recorded {
  said: string[];
  events: ResourceEvent[];
  streamed: string[];
  /** Of the last `result`. */
  data: unknown;
  text: string;
  /** The questions that were asked. */
  asked: string[];
}

/** A Ui that shows nothing and remembers all. `answer` is what a person at a terminal says; undefined: nobody is there. */
export function recordingUi(answer?: boolean): { ui: Ui; recorded: Recorded } {
  const recorded: Recorded = { said: [], events: [], streamed: [], data: undefined, text: "", asked: [] };
  const ui: Ui = {
    json: false,
    verbose: false,
    paint: new Chalk({ level: 0 }),
    interactive: answer !== undefined,
    events: recorded.events,
    say: (line) => recorded.said.push(line),
    event: (event) => recorded.events.push(event),
    busy: () => {},
    idle: () => {},
    result: (data, text) => Object.assign(recorded, { data, text }),
    stream: (line) => recorded.streamed.push(line),
    confirm: async (question) => {
      recorded.asked.push(question);
      return answer === true;
    },
  };
  return { ui, recorded };
}
