/** The text of pipelines: YAML with places, overrides, names. Knows no plugin. */
export { ConfigInvalid, formatProblems, problemOf, type Problem } from './config/problem.ts';
export { toPlain, type ConfigNode, type Origin, type Path } from './config/config-node.ts';
export { parseOverride, type Override } from './config/override-grammar.ts';
export { OverrideSyntaxError, type OverrideValue } from './config/override-value.ts';
export { nameOfFile } from './config/pipeline-name.ts';
export { readYamlFile } from './config/read-yaml.ts';
export { printConfig } from './config/print-config.ts';
export { readSettings, type Settings } from './config/settings.ts';
export { nearest } from './config/nearest.ts';
