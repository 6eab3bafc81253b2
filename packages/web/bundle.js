/** Writes dist/bundle: what the pages made by this package hold inside; nothing yet. */
export {};
