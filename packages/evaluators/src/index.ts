/** The evaluators of @eddy/evaluators are plugins: subpath exports, listed in package.json. */
export { ArcVoting, type ArcVotingOptions } from './arc-voting/arc-voting.ts';
export { Votes } from './arc-voting/votes.ts';
