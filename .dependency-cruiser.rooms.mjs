/**
 * No circles between folders, types included. A run of its own beside `.dependency-cruiser.cjs`, because
 * a rule about folders cannot leave out files: tests and what only tests load may look everywhere.
 */
import rules from './.dependency-cruiser.cjs';

export default {
  forbidden: [
    {
      name: 'no-circles-between-folders',
      comment: 'two rooms that need each other are one room, or lack the piece that both need',
      severity: 'error',
      scope: 'folder',
      from: { path: '^packages/' },
      to: { circular: true },
    },
    {
      name: 'entries-are-on-top',
      comment:
        'files directly below src are entries: they import the rooms, and no room imports them',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/[^/]+/' },
      to: { path: '^packages/$1/src/[^/]+$' },
    },
  ],
  options: {
    ...rules.options,
    exclude: { path: '(^|/)dist/|\\.(test|engine-test)\\.tsx?$|^packages/[^/]+/src/testing/' },
  },
};
