import js from '@eslint/js';
import globals from 'globals';

/** Statements at the top of a module that run something: the page loads every file, so they may only declare. */
const SIDE_EFFECT =
  'Program > ExpressionStatement, Program > IfStatement, Program > ForOfStatement, Program > BlockStatement';

export default [
  { ignores: ['node_modules/', '.venv/', '.host/', '.train/', 'output/', '**/vendor/'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      curly: ['error', 'multi-line'],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-shadow': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['web/**/*.js'], languageOptions: { globals: globals.browser } },
  {
    files: ['web/core/**/*.js'],
    rules: {
      'no-restricted-globals': ['error', 'window', 'document', 'fetch', 'localStorage'],
      'no-restricted-syntax': [
        'error',
        { selector: SIDE_EFFECT, message: 'Importing a module of the core must not do anything.' },
      ],
    },
  },
  { files: ['tests/web/**/*.js', '*.config.js'], languageOptions: { globals: globals.node } },
];
