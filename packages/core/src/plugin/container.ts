/**
 * Makes plugins with what they ask for injected. The only file that uses inversify: services are
 * tokens, a plugin is a factory resolved from the tokens that its `needs` lists, nothing more.
 */
import type { DatasetMetadata } from '../contracts/dataset.ts';
import { EddyError, InternalError } from '@eddy/tensor/errors';
import type {
  PartDescription,
  PartFactory,
  PluginReference,
  ServiceName,
  Services,
} from '../contracts/services.ts';
import { pluginCreateFailed, serviceMissing } from './errors.ts';
import { describePart, parseOptions } from './describe-part.ts';
import { callHook } from './hook.ts';
import { Container, type ServiceIdentifier } from './inversify.ts';
import { SERVICE_NAMES, type AnyPlugin } from './plugin-shape.ts';
import type { PluginContracts, PluginKind } from '../contracts/kinds.ts';
import type { PluginRegistry } from './registry.ts';

/** Values of services; `datasetShape` may be left to the pipeline's dataset plugin. */
export type ServiceValues = {
  readonly [Name in Exclude<ServiceName, 'parts'>]?: Services[Name];
};

const TOKENS = Object.fromEntries(
  Object.keys(SERVICE_NAMES).map((name) => [name, Symbol(`service ${name}`)]),
) as unknown as Record<ServiceName, ServiceIdentifier>;

const DATASET_SOURCE: ServiceIdentifier<PluginContracts['dataset']> = Symbol('dataset source');

export class PluginContainer implements PartFactory {
  readonly #container: Container;
  readonly #registry: PluginRegistry;

  private constructor(container: Container, registry: PluginRegistry) {
    this.#container = container;
    this.#registry = registry;
  }

  /**
   * @param dataset  the pipeline's dataset, asked for `datasetShape` when a plugin needs it.
   */
  static async open(args: {
    readonly registry: PluginRegistry;
    readonly services: ServiceValues;
    readonly dataset?: PluginReference | undefined;
  }): Promise<PluginContainer> {
    const parts = new PluginContainer(new Container(), args.registry);
    parts.#bindValues(args.services);
    if (args.dataset !== undefined && args.services.datasetShape === undefined) {
      await parts.#bindDatasetShape(args.dataset);
    }
    return parts;
  }

  /** A container that has these services besides, e.g. for one stage. */
  with(services: ServiceValues): PluginContainer {
    const child = new PluginContainer(new Container({ parent: this.#container }), this.#registry);
    child.#bindValues(services);
    return child;
  }

  /**
   * @throws PLUGIN_UNKNOWN, PLUGIN_OPTIONS_INVALID, PLUGIN_HOOK_FAILED, SERVICE_MISSING,
   * PLUGIN_CREATE_FAILED, and what the plugin itself throws as EddyError
   */
  async create<K extends PluginKind>(
    kind: K,
    reference: PluginReference,
    facts: { readonly dataset?: DatasetMetadata } = {},
  ): Promise<PluginContracts[K]> {
    if (facts.dataset !== undefined) {
      const { dataset } = facts;
      return this.with({ dataset, datasetShape: dataset }).create(kind, reference);
    }
    const token: ServiceIdentifier<PluginContracts[K]> = Symbol(`${kind} ${reference.use}`);
    await this.#bindPlugin(token, kind, reference);
    try {
      return await this.#container.getAsync(token);
    } catch (cause) {
      throw this.#explain(cause);
    } finally {
      this.#container.unbind(token);
    }
  }

  describe(kind: PluginKind, reference: PluginReference): Promise<PartDescription> {
    return describePart(this.#registry, kind, reference);
  }

  #bindValues(services: ServiceValues): void {
    // A plugin's own parts get what the plugin could ask for.
    this.#container.bind(TOKENS.parts).toConstantValue(this);
    for (const [name, value] of Object.entries(services)) {
      if (value !== undefined) {
        this.#container.bind(TOKENS[name as ServiceName]).toConstantValue(value);
      }
    }
  }

  async #bindDatasetShape(dataset: PluginReference): Promise<void> {
    await this.#bindPlugin(DATASET_SOURCE, 'dataset', dataset);
    const entry = this.#registry.entry('dataset', dataset.use);
    const describe = (source: PluginContracts['dataset']) =>
      callHook(entry, 'describe', () => source.describe());
    this.#container.bind(TOKENS.datasetShape).toResolvedValue(describe, [DATASET_SOURCE]);
  }

  async #bindPlugin<K extends PluginKind>(
    token: ServiceIdentifier<PluginContracts[K]>,
    kind: K,
    reference: PluginReference,
  ): Promise<AnyPlugin> {
    const plugin = await this.#registry.load(kind, reference.use);
    const entry = this.#registry.entry(kind, reference.use);
    const options = parseOptions(plugin, entry, reference);
    const needs = plugin.needs ?? [];
    for (const name of needs) {
      if (!this.#container.isBound(TOKENS[name])) throw serviceMissing(plugin, name);
    }
    const make = async (...values: unknown[]) => {
      const services = Object.fromEntries(needs.map((name, i) => [name, values[i]]));
      try {
        return (await plugin.create(
          options,
          services as unknown as Services,
        )) as PluginContracts[K];
      } catch (cause) {
        const isStopped = (services['signal'] as AbortSignal | undefined)?.aborted === true;
        if (isStopped || cause instanceof EddyError || cause instanceof InternalError) throw cause;
        throw pluginCreateFailed(entry, cause);
      }
    };
    const tokens = needs.map((name) => TOKENS[name]);
    this.#container.bind(token).toResolvedValue(make, tokens as never);
    return plugin;
  }

  /** Inversify wraps what a factory throws. */
  #explain(error: unknown): unknown {
    for (let at = error; at instanceof Error; at = at.cause) {
      if (at instanceof EddyError || at instanceof InternalError) return at;
    }
    return error;
  }
}
