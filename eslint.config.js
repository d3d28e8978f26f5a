import js from '@eslint/js';
import globals from 'globals';

/** Statements at the top of a module that run something: the page loads every file, so they may only declare. */
const SIDE_EFFECT =
  'Program > ExpressionStatement, Program > IfStatement, Program > ForOfStatement, Program > BlockStatement';

const PAGE_ONLY = "Only web/comfyui/ knows ComfyUI's page; the editor has its Host.";
const FIELDS_OF_NODES = 'MemberExpression[property.name=/^(graph|properties|mode|nodeData|comfyClass|rootGraph)$/]';
const SEAM = "Fields of ComfyUI's nodes are read in web/comfyui/page.js and page_layout.js, and their links followed in graph.js and virtual_nodes.js.";
const CORE_ALONE = 'The core knows neither the editor nor the page.';

export default [
  { ignores: ['node_modules/', '.venv/', '.host/', '.train/', 'output/', 'site/', '**/vendor/'] },
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
  {
    files: ['web/**/*.js'],
    languageOptions: { globals: globals.browser },
    rules: {
      'max-len': ['error', { code: 120 }],
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', 50],
    },
  },
  {
    files: ['web/**/*.js'],
    ignores: ['web/extension.js'],
    rules: {
      'no-restricted-syntax': ['error', { selector: SIDE_EFFECT, message: 'Importing this module must not do anything.' }],
    },
  },
  {
    files: ['web/**/*.js'],
    ignores: ['web/extension.js', 'web/comfyui/page.js', 'web/comfyui/page_layout.js', 'web/comfyui/graph.js', 'web/comfyui/virtual_nodes.js', 'web/core/**', 'web/editor/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: SIDE_EFFECT, message: 'Importing this module must not do anything.' },
        { selector: FIELDS_OF_NODES, message: SEAM },
      ],
    },
  },
  {
    files: ['web/core/**/*.js', 'web/editor/**/*.js'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex: '/(scripts|comfyui)/', message: PAGE_ONLY }] }],
    },
  },
  {
    files: ['web/core/**/*.js'],
    rules: {
      'no-restricted-globals': ['error', 'window', 'document', 'navigator', 'fetch', 'localStorage'],
      'no-restricted-imports': ['error', { patterns: [{ regex: '/(scripts|comfyui|editor)/', message: CORE_ALONE }] }],
    },
  },
  { files: ['tools/**/*.js'], languageOptions: { globals: { app: 'readonly', LiteGraph: 'readonly' } } },
  { files: ['tests/web/**/*.js', 'benchmarks/*.js', '*.config.js'], languageOptions: { globals: globals.node } },
];
