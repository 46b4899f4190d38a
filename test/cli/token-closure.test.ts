import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const HEAVY = [
  'openid-client',
  'undici',
  'zod',
  'yaml',
  'jose',
  'open',
  'tough-cookie',
  'uqr',
  '@napi-rs/keyring',
  '@clack/prompts',
  'write-file-atomic',
]

async function metafileOf(entry: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
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
  return metafile
}

/** Everything that is loaded with a file, dynamic imports left out. */
function staticClosure({ inputs }: Metafile, entry: string): Set<string> {
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const { path: next, kind } of inputs[path]?.imports ?? []) if (kind !== 'dynamic-import') visit(next)
  }
  visit(entry)
  return seen
}

test('a token that is still good costs no heavy package: token, exec and store load none before they need it', async () => {
  for (const name of ['token', 'exec', 'store']) {
    const entry = `src/cli/commands/${name}.ts`
    const closure = staticClosure(await metafileOf(entry), entry)
    expect(closure.size).toBeGreaterThan(5)
    expect(HEAVY.filter((heavy) => closure.has(heavy))).toEqual([])
  }
})

test('the test would notice: login’s own part does load one', async () => {
  const entry = 'src/client/connect.ts'
  expect(staticClosure(await metafileOf(entry), entry)).toContain('openid-client')
})
