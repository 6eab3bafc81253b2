/**
 * The one writer of the console. A terminal may go away (EIO), its log's disk be full (ENOSPC), a reader
 * end (EPIPE) or not read: the run never waits for it and never ends of it, and in the end says what was lost.
 */

/** What is waiting for a reader may take so much memory. */
const MAX_WAITING_BYTES = 1 << 20;
/** How long the end of a run waits for the last lines to leave. */
const LAST_LINES_MS = 2000;
/** Nothing comes back of these: the terminal or the reader is gone. */
const GONE = new Set(['EIO', 'EPIPE', 'EBADF', 'ENXIO', 'ERR_STREAM_DESTROYED']);

/** Streams whose `error` events somebody hears: without a listener they would end the process. */
const heard = new WeakSet<NodeJS.WritableStream>();

export class ConsoleWriter {
  readonly #stream: ConsoleStream;
  readonly #lastLinesMs: number;
  #waitingLines = 0;
  #lostLines = 0;
  #reason: string | null = null;
  #isGone = false;

  constructor(stream: NodeJS.WritableStream, lastLinesMs = LAST_LINES_MS) {
    this.#stream = stream;
    this.#lastLinesMs = lastLinesMs;
    if (!heard.has(stream)) stream.on('error', () => undefined); // each write hears of its own
    heard.add(stream);
    this.#setBlocking(false);
  }

  get columns(): number | undefined {
    return this.#stream.columns;
  }

  get rows(): number | undefined {
    return this.#stream.rows;
  }

  get isTTY(): boolean | undefined {
    return this.#stream.isTTY;
  }

  /** Lines that stay: those that do not arrive are counted. */
  lines(lines: readonly string[]): void {
    if (lines.length > 0) this.#write(`${lines.join('\n')}\n`, lines.length);
  }

  /** A part of the live display, which is painted again anyway. Bound, as `log-update` takes it. */
  readonly write = (text: string): boolean => {
    this.#write(text, 0);
    return true;
  };

  /** Waits a little for the last lines. @throws an error that says how many lines did not arrive, and why */
  async close(): Promise<void> {
    const start = performance.now();
    while (this.#waitingLines > 0 && performance.now() - start < this.#lastLinesMs) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    this.#setBlocking(true);
    const lines = this.#lostLines + this.#waitingLines;
    const reason = this.#reason ?? 'nobody read them';
    if (lines > 0) throw new Error(`${lines} lines could not be written: ${reason}`);
  }

  #write(text: string, lines: number): void {
    if (this.#isGone) this.#lost(lines);
    else if ((this.#stream.writableLength ?? 0) > MAX_WAITING_BYTES) this.#lost(lines);
    else {
      this.#waitingLines += lines;
      this.#stream.write(text, (error) => {
        this.#waitingLines -= lines;
        if (error) this.#lost(lines, error);
      });
    }
  }

  #lost(lines: number, error?: Error): void {
    this.#lostLines += lines;
    if (error === undefined) return;
    this.#reason ??= error.message;
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) this.#isGone = true;
  }

  /** Node writes to a terminal synchronously: one that nobody reads (Ctrl-S, a stalled ssh) would stop the run. */
  #setBlocking(blocking: boolean): void {
    if (this.#stream.isTTY === true) this.#stream._handle?.setBlocking?.(blocking);
  }
}

/** What there is of a terminal's stream; others have less. */
interface ConsoleStream extends Pick<NodeJS.WritableStream, 'write'> {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly writableLength?: number;
  readonly _handle?: { setBlocking?(blocking: boolean): void } | null;
}
