import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Document, isScalar, parse, Scalar, visit } from 'yaml'
import { cli } from '../support/memory-host.js'

/** What somebody types and what they see. One file a case in `fixtures/cli`; its name says what it shows. */
interface Golden {
  readonly argv: readonly string[]
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  /** Files in the folder where the command runs; what is no text becomes JSON. */
  readonly files?: Readonly<Record<string, unknown>>
  /** What our clock says. */
  readonly at?: string
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

const CASES = fileURLToPath(new URL('../../fixtures/cli/', import.meta.url))
const names = (await readdir(CASES)).filter((name) => name.endsWith('.yaml')).toSorted()

async function run({
  argv,
  stdin,
  env,
  files = {},
  at = '2026-01-01T00:00:00Z',
}: Golden): Promise<Pick<Golden, 'exit' | 'stdout' | 'stderr'>> {
  const cwd = await mkdtemp(join(tmpdir(), 'oidcgw-golden-'))
  onTestFinished(() => rm(cwd, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  const now = (): Date => new Date(at)
  const { exitCode, stdout, stderr } = await cli(argv, { cwd, now, ...(stdin !== undefined && { stdin }), ...(env && { env }) })
  return { exit: exitCode, stdout, stderr }
}

/** `UPDATE_GOLDEN=1` writes down what is seen now: to be read before it is believed. */
async function record(path: string, golden: Golden, seen: Pick<Golden, 'exit' | 'stdout' | 'stderr'>): Promise<void> {
  const document = new Document({ ...golden, ...seen })
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && typeof node.value === 'string' && node.value.includes('\n')) node.type = Scalar.BLOCK_LITERAL
    },
  })
  await writeFile(path, document.toString({ lineWidth: 0, flowCollectionPadding: true }))
}

describe('golden cases of the command line', () => {
  test.for(names)('%s', async (name) => {
    const path = join(CASES, name)
    const golden = parse(await readFile(path, 'utf8')) as Golden
    const seen = await run(golden)
    if (process.env['UPDATE_GOLDEN']) await record(path, golden, seen)
    const { exit, stdout, stderr } = golden
    expect(seen).toEqual(process.env['UPDATE_GOLDEN'] ? seen : { exit, stdout, stderr })
  })
})
