import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const scripts = ['**/*.js', '**/*.cjs', '**/*.mjs'];
const outsidePackages = [
  '*.ts',
  'test/**/*.ts',
  'test/**/*.tsx',
  'bench/**/*.ts',
  'docs/guides/**/*.ts',
  'docs/.vitepress/**/*.ts',
  'packages/cli/templates/**/*.ts',
  '**/*.test.ts',
  '**/*.test.tsx',
  '**/*.engine-test.ts',
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/',
      'docs/.vitepress/cache/',
      '**/node_modules/',
      'coverage/',
      'runs/',
      '!packages/*/src/**/runs/',
      'test-results/',
      '**/*.generated.*',
      '**/*.d.ts',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off', // noUncheckedIndexedAccess makes `!` the way to index typed arrays
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // An async method may have nothing to wait for where its contract returns a promise.
      '@typescript-eslint/require-await': 'off',
      // A file of more lines has more than one reason to exist.
      'max-lines': ['error', { max: 400 }],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'use RandomStream' },
        { object: 'Date', property: 'now', message: 'durations come from performance.now()' },
      ],
    },
  },
  {
    // Type-aware rules need a project; tests are in none of their own (`tsconfig.tests.json` checks their types).
    files: [...scripts, ...outsidePackages],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/switch-exhaustiveness-check': 'off' },
    languageOptions: {
      globals: {
        AbortController: 'readonly',
        process: 'readonly',
        console: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        module: 'writable',
        require: 'readonly',
      },
    },
  },
);
