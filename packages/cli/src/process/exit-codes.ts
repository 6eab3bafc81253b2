/** What the process says to scripts and launchers. 130 and 143: ended at once by a second signal. */
export const EXIT = { done: 0, failed: 1, usage: 2, internal: 70, stopped: 75 } as const;
