/** The side of the protocol that owns TensorFlow, its programs and its trees. */
import { InternalError } from '@eddy/tensor/errors';
import { zeros as zerosOf } from '@eddy/tensor/spec';

import type { GraphArgument, GraphResult } from '@eddy/compiler/graph';
import { processMemory } from '../../process/process-memory.ts';
import type { HostData, NamedSpec, Requests } from '../../process/protocol.ts';
import type { Handlers, Outcome } from '../../process/serve.ts';
import {
  dtypeCode,
  execute,
  unsupportedAttrs,
  loadBinding,
  type Binding,
  type Handle,
} from './binding.ts';
import { deleteAll, disposeBlock, loadBlock, runBlock, type LoadedBlock } from './run-block.ts';

interface LoadedProgram {
  readonly block: LoadedBlock;
  readonly arguments: readonly GraphArgument[];
  readonly results: readonly GraphResult[];
}

type HandleTree = Map<string, Handle>;

export class TensorflowHost implements Handlers {
  #loaded: Binding | null = null;
  #unsupportedAttrs: ReadonlySet<string> = new Set();
  readonly #programs = new Map<number, LoadedProgram>();
  readonly #trees = new Map<number, HandleTree>();

  start({ libraryPath }: Requests['start']): Outcome<'start'> {
    this.#loaded = loadBinding(libraryPath);
    this.#unsupportedAttrs = unsupportedAttrs(this.#loaded);
    const { TF_Version: version } = this.#loaded;
    const kind = this.#loaded.isUsingGpuDevice() ? 'gpu' : 'cpu';
    const names = { apiVersion: version, platformVersion: version };
    return { value: { ...names, platformName: kind, deviceKind: kind, deviceCount: 1 } };
  }

  compile({ executable, code, ...program }: Requests['compile']): Outcome<'compile'> {
    if (code.kind !== 'instructions') throw new InternalError(`TensorFlow was given ${code.kind}`);
    const start = performance.now();
    const block = loadBlock(this.#binding, code.block, this.#unsupportedAttrs);
    this.#programs.set(executable, { ...program, block });
    return { value: { compileMs: performance.now() - start, cached: false } };
  }

  /** What a failed run had made is deleted, and the tree is as it was. */
  async run(request: Requests['run'], arrays: readonly HostData[]): Promise<Outcome<'run'>> {
    const { block, arguments: args, results } = this.#program(request.executable);
    const tree = this.#tree(request.tree);
    const boundName = (name: string) => request.bind[name] ?? name;
    /** Inputs, and of the results those that don't become state. */
    const temporary = new Set<Handle>();
    try {
      const operands = args.map(({ kind, name, spec }) => {
        if (kind !== 'input') return handleOf(tree, boundName(name));
        const input = this.#upload({ name, spec }, arrays[temporary.size]!);
        temporary.add(input);
        return input;
      });
      const made = await runBlock(this.#binding, block, operands);
      for (const handle of made) temporary.add(handle);
      const fetched = new Map<string, HostData>();
      results.forEach(({ kind, name }, i) => {
        if (kind === 'state' || !request.fetch.includes(name)) return;
        fetched.set(name, this.#binding.tensorDataSync(made[i]!));
      });
      results.forEach(({ kind, name }, i) => {
        if (kind !== 'state') return;
        temporary.delete(made[i]!);
        this.#replace(tree, boundName(name), made[i]!);
      });
      return { value: {}, arrays: request.fetch.map((name) => fetched.get(name)!) };
    } finally {
      deleteAll(this.#binding, [...temporary]);
    }
  }

  unload({ executable }: Requests['unload']): Outcome<'unload'> {
    disposeBlock(this.#binding, this.#program(executable).block);
    this.#programs.delete(executable);
    return { value: {} };
  }

  write(
    { tree, tensors, zeros }: Requests['write'],
    arrays: readonly HostData[],
  ): Outcome<'write'> {
    const target = this.#tree(tree);
    tensors.forEach((tensor, i) => {
      this.#replace(target, tensor.name, this.#upload(tensor, arrays[i]!));
    });
    for (const tensor of zeros) {
      this.#replace(target, tensor.name, this.#upload(tensor, zerosOf(tensor.spec).data));
    }
    return { value: {} };
  }

  read({ tree, names }: Requests['read']): Outcome<'read'> {
    const source = this.#tree(tree);
    const arrays = names.map((name) => this.#binding.tensorDataSync(handleOf(source, name)));
    return { value: {}, arrays };
  }

  copy({ tree, names }: Requests['copy']): Outcome<'copy'> {
    const target = this.#tree(tree);
    // Tensors don't change, so that a second handle is as good as a copy.
    const copies = Object.entries(names).map(([to, from]) => {
      const [copy] = execute(this.#binding, 'Identity', [], [handleOf(target, from)], 1);
      return [to, copy!] as const;
    });
    for (const [name, handle] of copies) this.#replace(target, name, handle);
    return { value: {} };
  }

  free({ tree, names }: Requests['free']): Outcome<'free'> {
    const handles = this.#tree(tree);
    for (const name of names ?? [...handles.keys()]) {
      this.#binding.deleteTensor(handleOf(handles, name));
      handles.delete(name);
    }
    if (names === null) this.#trees.delete(tree);
    return { value: {} };
  }

  /** On a GPU TensorFlow keeps its own accounts, which the binding does not show. */
  memory(): Outcome<'memory'> {
    return { value: this.#loaded?.isUsingGpuDevice() === true ? {} : processMemory() };
  }

  ping(): Outcome<'ping'> {
    return { value: {} };
  }

  #upload({ spec }: NamedSpec, data: HostData): Handle {
    return this.#binding.createTensor(spec.shape, dtypeCode(this.#binding, spec.dtype), data);
  }

  #replace(tree: HandleTree, name: string, handle: Handle): void {
    const previous = tree.get(name);
    tree.set(name, handle);
    if (previous !== undefined) this.#binding.deleteTensor(previous);
  }

  get #binding(): Binding {
    if (this.#loaded === null) throw new InternalError('the engine process has not been started');
    return this.#loaded;
  }

  #program(id: number): LoadedProgram {
    const program = this.#programs.get(id);
    if (program === undefined) throw new InternalError(`no executable ${id} in the engine process`);
    return program;
  }

  /** A tree exists from its first mention on. */
  #tree(id: number): HandleTree {
    const tree: HandleTree = this.#trees.get(id) ?? new Map<string, Handle>();
    this.#trees.set(id, tree);
    return tree;
  }
}

function handleOf(tree: HandleTree, name: string): Handle {
  const handle = tree.get(name);
  if (handle === undefined) throw new InternalError(`no tensor "${name}" in the device tree`);
  return handle;
}
