/** The entries of the package: what each reader gets, name by name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ENTRIES = [
  ...['index', 'run', 'weights', 'config', 'data', 'training', 'checkpoint', 'report', 'files'],
];

/** Every name that an entry exports, types included: entries hold nothing but lists of names. */
function namesOf(entry: string): string[] {
  const source = readFileSync(join(import.meta.dirname, `${entry}.ts`), 'utf8');
  const lists = [...source.matchAll(/^export (?:type )?\{([^}]*)\} from '[^']+';$/gm)];
  const rest = lists.reduce((text, [list]) => text.replace(list, ''), source);
  expect(rest.replace(/\/\*\*[^]*?\*\//, '').trim(), `${entry}.ts`).toBe('');
  return lists
    .flatMap(([, names]) => names!.split(','))
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== '')
    .toSorted();
}

describe('the entries of @eddy/core', () => {
  it('give the author of a plugin fewer than 80 names', () => {
    const names = namesOf('index');
    expect(names.length).toBeLessThan(80);
    expect(names.join(' ')).toMatchInlineSnapshot(
      `"Artifact ArtifactStore AskedPuzzle Augmentation Averager Batch CompileOptions ConfigProblem DatasetArtifact DatasetMetadata DatasetShape DatasetSource DeviceTree EddyError Engine EngineInfo EvaluationBatch EvaluationResult EvaluationStart Evaluator EventBus Example ExampleBuffer ExampleSymmetries Executable ExecutableStats HostBatch Initializer KeptResult LiveCheckpoint Logger MemoryStats MetadataWithoutSizes MetricKind Model Optimizer Pace ParameterSpec ParsedPuzzles PartDescription PartFactory Plugin PluginKind PluginReference ProcessMemory Progress Puzzle PuzzleGroup RandomStream ReferenceTensor RenderedVersion RowOptimizer RunEvent RunEventBody RunOptions RunSummary Scheduled ServiceName Services Split SplitMetadata Stage StageServices StageView StepArguments StepResult StopSignal StreamedGroup TableSpec TaskAugmentation TrainingPlan VersionedSplit cancellable datasetOf definePlugin deviceAbsent keptStage partReference randomStream"`,
    );
  });

  it('have each name once', () => {
    const names = ENTRIES.flatMap(namesOf);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('are the entries that package.json has', () => {
    const manifest = JSON.parse(
      readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
    ) as { exports: Record<string, { '@eddy/source'?: string }> };
    const sources = Object.values(manifest.exports).map((entry) => entry['@eddy/source']);
    expect(sources).toEqual(expect.arrayContaining(ENTRIES.map((entry) => `./src/${entry}.ts`)));
  });
});
