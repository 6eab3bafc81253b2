import { createStopSignal, type StopSignal } from '@eddy/core';

/** The first SIGINT or SIGTERM asks the work to stop cleanly; the second ends the process. */
export async function withStopSignal<T>(work: (stop: StopSignal) => Promise<T>): Promise<T> {
  const stop = createStopSignal({
    onRequest: (reason) =>
      process.stderr.write(
        `\n${reason}: stopping at the next clean point and saving; again to end at once\n`,
      ),
  });
  try {
    return await work(stop);
  } finally {
    stop.dispose();
  }
}
