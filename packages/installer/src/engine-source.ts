/** What an engine that is not in npm's dependencies is made of. */

export interface EngineSource {
  /** Names the folder: `<engine>-<version>`. */
  readonly version: string;
  /** Path of the shared library in the installation. */
  readonly library: string;
  /** Path of the allocator that the engine's process runs with, in place of the C library's. */
  readonly allocator?: string;
  /** By `process.platform-process.arch`; the first is the engine itself. */
  readonly packages: Readonly<Record<string, readonly [PinnedPackage, ...PinnedPackage[]]>>;
  /** What remains to be done once all packages are unpacked. */
  readonly build?: Build;
}

export interface PinnedPackage {
  /** Both honour the user's own registry and proxies. */
  readonly from: 'pip' | 'npm';
  readonly name: string;
  readonly version: string;
  /** What it is, for the line that announces the download. */
  readonly purpose: string;
  readonly sizeBytes: number;
  /** In hexadecimal, as `sha256sum` prints it. */
  readonly sha256: string;
  /** Of a wheel that exists once for each Python; which one does not matter, its libraries are wanted. */
  readonly wheel?: { readonly python: string; readonly abi: string; readonly platform: string };
  /** The files that are unpacked; all where absent. */
  readonly keep?: RegExp;
}

export interface Build {
  /** Looked for before anything is downloaded. */
  readonly compiler: string;
  /** What it makes, for the line that announces it. */
  readonly purpose: string;
  /**
   * Turns the unpacked packages (those of npm under `npm/<name>/package`) into what is installed, and
   * removes what only the build needed.
   */
  readonly run: (engine: string, folder: string) => Promise<void>;
}
