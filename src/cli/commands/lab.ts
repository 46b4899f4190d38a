import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import { startLab, type Lab } from '../../lab/lab.js'
import { writeProjectFile, type WrittenProject } from '../../lab/project-file.js'
import { wantsJson, writeJson, type CommandContext, type SharedOptions } from '../context.js'
import { EXIT, type ExitCode } from '../exit-codes.js'
import { readPackage } from '../../package-root.js'
import { untilAborted } from './until-aborted.js'

export interface LabCommandOptions extends SharedOptions {
  readonly write?: string
  readonly kong?: string
  readonly idpPort?: number
  readonly gatewayPort?: number
  readonly echoPort?: number
}

/** Runs the lab until Ctrl-C, or around one command whose exit code becomes ours. */
export async function lab(command: readonly string[], options: LabCommandOptions, { host, out }: CommandContext): Promise<ExitCode> {
  const document = options.kong === undefined ? undefined : await readDocument(resolve(host.cwd, options.kong))
  const running = await startLab({
    ...(document !== undefined && { document }),
    ports: { idp: options.idpPort ?? 0, gateway: options.gatewayPort ?? 0, echo: options.echoPort ?? 0 },
    env: host.env,
    log: (level, message) =>
      void ((options.verbose || level === 'warn' || level === 'error') && host.stderr.write(`gateway: ${message}\n`)),
  })
  try {
    const written = options.write === undefined ? undefined : await writeProject(running, options.write, host)
    try {
      if (command.length > 0) return await runInside(running, command, host)
      if (wantsJson(options)) writeJson(host, { schema: 'oidcgw/lab/v1', ...addresses(running), config: written?.file ?? null })
      else host.stdout.write(describe(running, options.write, out.strong))
      await untilAborted(host.signal)
      return EXIT.yes
    } finally {
      await written?.removeSecrets()
    }
  } finally {
    await running.close()
  }
}

async function writeProject(running: Lab, path: string, { cwd }: Pick<Host, 'cwd'>): Promise<WrittenProject> {
  return writeProjectFile(running, resolve(cwd, path)).catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_USAGE', `${path} cannot be written (${cause.code ?? 'error'})`, {
      cause,
      hint: 'Check the path given to --write',
    })
  })
}

const addresses = ({ issuer, gatewayUrl, upstreamUrl }: Lab) => ({ issuer, gateway: gatewayUrl, upstream: upstreamUrl })

function describe(running: Lab, projectFile: string | undefined, strong: (text: string) => string): string {
  const { issuer, gatewayUrl, upstreamUrl } = running
  const next = projectFile
    ? [
        'oidcgw login',
        'oidcgw token | oidcgw decode',
        'oidcgw probe /oidcroute/get --as m2m --expect 200',
        'oidcgw probe /oidcroute/get --as none --expect 401',
      ].map((line) => `  ${line.replace('oidcgw ', projectFile === 'oidcgw.yaml' ? 'oidcgw ' : `OIDCGW_CONFIG=${projectFile} oidcgw `)}`)
    : ['  oidcgw lab --write oidcgw.yaml   # with profiles and suites, for the next terminal', `  curl -i ${gatewayUrl}/oidcroute/get`]
  return [
    'The lab runs; Ctrl-C stops it.',
    `  provider  ${strong(issuer)}   people: alice, bob (password: NAME-password)`,
    `  gateway   ${strong(gatewayUrl)}   routes: /open /oidcroute /web /introspected /admins /acl`,
    `  upstream  ${upstreamUrl}`,
    '',
    'Type next, in another terminal:',
    ...next,
    '',
  ].join('\n')
}

/** Runs CMD with a project file, a store and an `oidcgw` on the PATH, all of which are gone afterwards. */
async function runInside(running: Lab, [program = '', ...args]: readonly string[], host: Host): Promise<ExitCode> {
  const folder = await mkdtemp(join(tmpdir(), 'oidcgw-lab-'))
  try {
    const { file } = await writeProjectFile(running, join(folder, 'oidcgw.yaml'))
    await writeFile(join(folder, 'oidcgw'), shim(join(readPackage().root, 'bin', 'oidcgw.js')), { mode: 0o700 })
    const env = {
      ...host.env,
      ...running.environment,
      PATH: [folder, host.env['PATH'] ?? ''].join(delimiter),
      OIDCGW_CONFIG: file,
      OIDCGW_STORE: join(folder, 'store'),
      OIDCGW_LAB_ISSUER: running.issuer,
      OIDCGW_LAB_GATEWAY: running.gatewayUrl,
      OIDCGW_LAB_UPSTREAM: running.upstreamUrl,
      OIDCGW_LAB_CONTROL: running.idp.controlUrl,
      OIDCGW_LAB_CONTROL_SECRET: running.idp.controlSecret,
    }
    return await new Promise<ExitCode>((done, reject) => {
      const child = spawn(program, args, { stdio: 'inherit', env, cwd: host.cwd })
      child.on('error', (cause: NodeJS.ErrnoException) =>
        reject(
          new OidcgwError('ERR_USAGE', `${program} cannot be run (${cause.code ?? 'error'})`, {
            cause,
            hint: 'Give a command after --, e.g. oidcgw lab -- bash',
          }),
        ),
      )
      child.on('exit', (code, signal) => done((code ?? (signal === 'SIGINT' ? EXIT.interrupted : EXIT.bug)) as ExitCode))
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The very same oidcgw on the very same node, whatever is installed. */
const shim = (bin: string): string =>
  `#!/bin/sh\nexec ${[process.execPath, bin].map((path) => `'${path.replaceAll("'", String.raw`'\''`)}'`).join(' ')} "$@"\n`

async function readDocument(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new OidcgwError('ERR_INPUT_NOT_FOUND', `${path} cannot be read (${cause.code ?? 'error'})`, {
      cause,
      hint: 'Check the path given to --kong',
    })
  })
}
