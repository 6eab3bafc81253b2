/** What a browser shows and runs, as seen from Node: writes pages. */
export {};
