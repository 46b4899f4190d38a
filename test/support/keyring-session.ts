import { spawn } from 'node:child_process'

export interface KeyringSession {
  /** What a program of this session has in its environment. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Unlocked makes a login keyring where there is none; locked and none do not. */
const START = {
  unlocked: 'printf keyring-password | gnome-keyring-daemon --unlock --components=secrets >&2',
  locked: 'gnome-keyring-daemon --start --components=secrets >&2',
  none: ':',
} as const

const PID_OF_KEYRING =
  'dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets'
/** It does not always end when it is asked politely either. */
const STOP = `pid=$(${PID_OF_KEYRING} | awk '{ print $2 }'); kill $pid; sleep 0.3; kill -9 $pid`

/** A D-Bus session of its own for the person whose home is `home`, with a real gnome-keyring. */
export async function startKeyringSession(home: string, keyring: keyof typeof START): Promise<KeyringSession> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, XDG_RUNTIME_DIR: home }
  // The bus lives until our end of its standard input closes. The keyring daemon does not always go with its bus.
  const script = `${START[keyring]}; echo "$DBUS_SESSION_BUS_ADDRESS"; cat >/dev/null; ${STOP}`
  const child = spawn('dbus-run-session', ['--', 'sh', '-c', script], { env })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const address = await new Promise<string>((resolve, reject) => {
    let [out, err] = ['', '']
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (out.includes('\n')) resolve(out.trim())
    })
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`dbus-run-session ended with ${code}: ${err}`)))
  })
  return {
    env: { ...env, DBUS_SESSION_BUS_ADDRESS: address },
    close: () => {
      child.stdin.end()
      return ended
    },
  }
}
