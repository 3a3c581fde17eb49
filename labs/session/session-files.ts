/** The descriptor of the learner's events.jsonl, opened for appending by who started the sandbox. */
export const EVENTS_DESCRIPTOR = 9;

/** What the sandbox finds of the lab and of the learner in the directory that was handed in. */
export const LAB_DIRECTORY = 'lab';
export const PROGRESS_FILE = 'progress.json';
