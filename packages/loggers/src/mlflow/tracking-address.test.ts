import { expect, it } from 'vitest';

import { addressProblems, trackingAddress } from './tracking-address.ts';

it('takes the option, then the environment, then the default of MLflow', () => {
  const env = { MLFLOW_TRACKING_URI: 'https://there' };
  expect(trackingAddress('http://here', env)).toBe('http://here');
  expect(trackingAddress(undefined, env)).toBe('https://there');
  expect(trackingAddress(undefined, { MLFLOW_TRACKING_URI: '' })).toBe('http://127.0.0.1:5000');
  expect(trackingAddress(undefined, {})).toBe('http://127.0.0.1:5000');
});

it.each(['http://127.0.0.1:5000', 'https://user@mlflow.example/sub', 'HTTP://host'])(
  'accepts %s',
  (uri) => expect(addressProblems(undefined, { MLFLOW_TRACKING_URI: uri })).toEqual([]),
);

it.each([
  ['file:///tmp/mlruns', 'mlflow server --backend-store-uri file:///tmp/mlruns'],
  ['./mlruns', 'mlflow server --backend-store-uri ./mlruns'],
  ['mlruns', 'mlflow server --backend-store-uri ./mlruns'],
  ['sqlite:///mlflow.db', 'mlflow server --backend-store-uri sqlite:///mlflow.db'],
  ['postgresql+psycopg://u@h/db', '--backend-store-uri postgresql+psycopg://u@h/db'],
  ['databricks', 'remove the logger'],
  ['databricks-uc', 'remove the logger'],
  ['localhost:5999', 'write http://localhost:5999'],
  ['http://', 'mlflow server'],
])('refuses %s wherever it stands, with a way that works', (uri, fix) => {
  const [inFile] = addressProblems(uri, {});
  expect(inFile).toMatchObject({ path: ['trackingUri'], received: uri });
  expect(inFile!.fix).toContain(fix);
  const [inEnvironment] = addressProblems(undefined, { MLFLOW_TRACKING_URI: uri });
  expect(inEnvironment!.message).toContain('MLFLOW_TRACKING_URI');
});
