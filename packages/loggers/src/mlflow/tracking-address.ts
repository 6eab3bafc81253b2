/** Where an MLflow server is: what the option and the environment may say. */
import type { ConfigProblem } from '@eddy/core';

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_URI = 'http://127.0.0.1:5000';

/** The server's address: the option, else MLFLOW_TRACKING_URI, else MLflow's own default. */
export function trackingAddress(option: string | undefined, env: Environment): string {
  const named = env['MLFLOW_TRACKING_URI'];
  return option ?? (named === undefined || named === '' ? DEFAULT_URI : named);
}

/** What is wrong with it: this logger speaks to servers over HTTP, MLflow's own client to stores, too. */
export function addressProblems(option: string | undefined, env: Environment): ConfigProblem[] {
  const uri = trackingAddress(option, env);
  if (/^https?:\/\//i.test(uri) && URL.canParse(uri)) return [];
  const of = option === undefined ? 'MLFLOW_TRACKING_URI of the environment' : 'trackingUri';
  return [
    {
      path: option === undefined ? [] : ['trackingUri'],
      message: `${of} is not the address of an MLflow server`,
      expected: 'http://HOST:PORT or https://HOST:PORT',
      received: uri,
      fix: fixFor(uri),
    },
  ];
}

function fixFor(uri: string): string {
  if (/^(?:databricks|uc)(?:$|[-:])/.test(uri)) {
    return 'remove the logger: Databricks is reached through its own client only; or name a server, as http://127.0.0.1:5000';
  }
  if (/^[\w.-]+:\d+(?:\/|$)/.test(uri)) return `write http://${uri}`;
  const store = /^[\w+]+:\/\//.test(uri) ? uri : `./${uri.replace(/^\.\//, '')}`;
  return `start a server over this store, mlflow server --backend-store-uri ${store}, and name it: trackingUri: ${DEFAULT_URI}`;
}
