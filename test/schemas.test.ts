import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { startLab, type Lab } from '../src/lab/lab.js'
import { writeProjectFile } from '../src/lab/project-file.js'
import { ProjectSchema } from '../src/profile/schema.js'
import { schemaProblems } from './support/json-schema.js'
import { cli } from './support/memory-host.js'

const root = new URL('..', import.meta.url)

test('the schema of the project file is the one that checks it', async () => {
  const schema = z.toJSONSchema(ProjectSchema, { io: 'input', unrepresentable: 'any' })
  await expect(`${JSON.stringify({ title: 'oidcgw.yaml', ...schema }, null, 2)}\n`).toMatchFileSnapshot('../schemas/project.v1.json')
})

test('every document that is printed has a published schema, and no schema is of nothing', async () => {
  const sources = await readdir(new URL('src', root), { recursive: true })
  const texts = await Promise.all(
    sources.filter((file) => file.endsWith('.ts')).map((file) => readFile(new URL(`src/${file}`, root), 'utf8')),
  )
  const named = new Set(texts.flatMap((text) => [...text.matchAll(/\boidcgw\/([a-z-]+)\/v1\b/g)].map(([, name]) => `${name}.v1.json`)))
  const published = await readdir(new URL('schemas', root))
  expect(published.filter((file) => file !== 'project.v1.json').toSorted()).toEqual([...named].toSorted())
})

describe('documents are as their schemas promise', () => {
  let lab: Lab
  let folder: string
  let env: Record<string, string>
  beforeAll(async () => {
    lab = await startLab()
    folder = await mkdtemp(join(tmpdir(), 'oidcgw-schemas-'))
    const { file } = await writeProjectFile(lab, join(folder, 'oidcgw.yaml'))
    env = { OIDCGW_CONFIG: file, OIDCGW_STORE: join(folder, 'store'), ALICE: 'alice', CI: '1' }
    await writeFile(join(folder, 'token'), await lab.token())
    await writeFile(join(folder, 'jwks.json'), await (await fetch(`${lab.issuer}/v1/keys`)).text())
    await writeFile(
      join(folder, 'kong.yaml'),
      `_format_version: "3.0"\nservices: [{ name: e, url: "http://127.0.0.1:1", routes: [{ name: r, paths: [/r] }] }]\n`,
    )
  })
  afterAll(async () => {
    await lab.close()
    await rm(folder, { recursive: true, force: true })
  })
  const document = async (argv: readonly string[]): Promise<unknown> => {
    const { stdout, stderr } = await cli([...argv.map((word) => word.replace('FOLDER', folder)), '--json'], { env, cwd: folder })
    if (stdout === '') throw new Error(`${argv.join(' ')}: ${stderr}`)
    return JSON.parse(stdout)
  }

  test.for(
    [
      'login m2m',
      'token m2m',
      'decode @FOLDER/token',
      'verify @FOLDER/token',
      'verify @FOLDER/token --aud other',
      'keys lint @FOLDER/jwks.json',
      'diff @FOLDER/token @FOLDER/token',
      'introspect @FOLDER/token',
      'discover',
      'discover --check',
      'login alice',
      'userinfo -p alice',
      'store list',
      'store path',
      'revoke -p alice',
      'logout alice',
      'store clear --all',
      'probe /oidcroute/get --as m2m',
      'probe /open/get',
      'probe smoke',
      'gateway lint kong.yaml',
      'gateway routes kong.yaml',
      'demo --story 4',
    ].map((line) => ({ line })),
  )('$line', async ({ line }) => {
    expect(schemaProblems(await document(line.split(' ')))).toEqual([])
  })

  test('a document that lacks what is promised is caught', () => {
    expect(schemaProblems({ schema: 'oidcgw/diff/v1', same: 'yes' })).toEqual([
      "diff: must have required property 'differences'",
      'diff/same: must be boolean',
    ])
    expect(schemaProblems({ same: true })).toEqual(['it names no schema of ours'])
  })
})
