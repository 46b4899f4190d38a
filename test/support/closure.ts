import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** What comes with a module. */
export interface Closure {
  /** Our own files and those of packages that are bundled, the module among them. */
  readonly files: ReadonlySet<string>
  /** Packages that are loaded, by name; node's own modules are none. */
  readonly packages: readonly string[]
}

/**
 * What a source file loads: at once, and with `lazily` also what it may import later.
 * @param entry from the root of the project: `src/index.ts`.
 */
export async function closureOf(entry: string, { lazily = false } = {}): Promise<Closure> {
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: 'unused',
    write: false,
    metafile: true,
  })
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (path: string): void => {
    if (files.has(path)) return
    files.add(path)
    for (const { path: next, kind, external } of metafile.inputs[path]?.imports ?? []) {
      if (kind === 'dynamic-import' && !lazily) continue
      if (!external) visit(next)
      else if (!next.startsWith('node:')) packages.add(packageOf(next))
    }
  }
  visit(entry)
  return { files, packages: [...packages].toSorted() }
}

const packageOf = (path: string): string => path.split('/', path.startsWith('@') ? 2 : 1).join('/')
