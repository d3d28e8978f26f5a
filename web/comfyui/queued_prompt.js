/**
 * Runs a small prompt in front of the queue, and gives what its nodes showed. Whoever asks often waits behind the
 * others who are in the queue.
 *
 * It has a client id of its own, so that the page shows neither its progress nor its errors as those of the open
 * workflow. ComfyUI tells every client when the queue has changed; the history then says whether it has ended.
 */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { api } from '../../../scripts/api.js';
import { FairTurns } from '../core/fair_turns.js';
import { historyOf, removeFromQueue, send } from './server.js';

/** @import {Prompt} from './segmentation_prompts.js' */
/** @import {HistoryEntry} from './server.js' */

const inFront = new FairTurns(6, 60_000); // of this page

/**
 * @param {Prompt} prompt
 * @param {AbortSignal} [signal] that nobody waits any longer
 * @returns {Promise<Record<string, any>>} the outputs by node
 * @throws {Error} with a message for the person, if it is refused or fails
 */
export async function runInFront(prompt, signal) {
  const turns = new QueueTurns();
  try {
    const body = { prompt, front: inFront.take(), client_id: crypto.randomUUID?.() ?? String(Math.random()) };
    const response = await send('/prompt', body);
    const answer = await response.json();
    if (!response.ok) throw new Error(refusal(answer));
    const id = answer.prompt_id;
    for (;;) {
      if (signal?.aborted) {
        await withdraw(id);
        throw signal.reason;
      }
      const entry = await historyOf(id);
      if (entry) return outcome(entry);
      await turns.next(signal);
    }
  } finally {
    turns.end();
  }
}

/** The changes of the queue that ComfyUI tells; none is missed between two looks. */
class QueueTurns {
  constructor() {
    this.count = 0;
    this.seen = 0;
    this.wake = () => {};
    this.heard = () => {
      this.count += 1;
      this.wake();
    };
    for (const event of QueueTurns.events) api.addEventListener(event, this.heard);
  }

  /** Until the queue has changed since the last call, or nobody waits. @param {AbortSignal} [signal] */
  async next(signal) {
    if (this.seen === this.count) {
      await new Promise((resolve) => {
        this.wake = () => resolve(undefined);
        signal?.addEventListener('abort', this.wake, { once: true });
      });
    }
    this.seen = this.count;
  }

  end() {
    for (const event of QueueTurns.events) api.removeEventListener(event, this.heard);
  }

  static events = Object.freeze(['status', 'reconnected']);
}

/** @param {HistoryEntry} entry @returns {Record<string, any>} */
function outcome({ outputs, status }) {
  if (status?.status_str === 'success') return outputs;
  const [, error] = status?.messages?.find((/** @type {any} */ [kind]) => kind === 'execution_error') ?? [];
  throw new Error(error ? `${error.node_type}: ${error.exception_message}`.trim() : 'It was interrupted.');
}

/** What ComfyUI says of a prompt that it refuses. @param {any} answer */
function refusal({ error, node_errors: nodes = {} }) {
  const [found] = Object.values(nodes).flatMap((/** @type {any} */ { errors }) => errors ?? []);
  const { message, details } = found ?? error ?? {};
  return [message, details].filter(Boolean).join(': ');
}

/** Takes the prompt out of the queue, or interrupts it if it runs. @param {string} id */
async function withdraw(id) {
  await removeFromQueue(id);
  await send('/interrupt', { prompt_id: id });
}
