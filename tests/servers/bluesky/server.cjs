// The real Bluesky server (PDS) with its directory (PLC), on loopback, until standard input closes.
//
// DATA and PORT given: it can be killed and started again on the same data. Prints one line of JSON when it listens.
'use strict'
const fs = require('node:fs')
const net = require('node:net')
const os = require('node:os')
const path = require('node:path')

// Both servers ask for a port on every interface of the machine; they get one on loopback.
const askedListen = net.Server.prototype.listen
net.Server.prototype.listen = function listenOnLoopback(where, ...others) {
  if (typeof where !== 'number') return askedListen.call(this, where, ...others)
  const done = others.find((one) => typeof one === 'function')
  return askedListen.call(this, { host: '127.0.0.1', port: where }, done)
}

process.env.LOG_ENABLED = process.env.LOG_ENABLED || 'false'
const given = process.env.DATA
const data = given || fs.mkdtempSync(path.join(os.tmpdir(), 'bluesky-'))

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer()
    probe.listen(0, () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

function settings(port, directory) {
  return {
    devMode: true,
    hostname: 'localhost',
    port,
    dataDirectory: data,
    blobstoreDiskLocation: path.join(data, 'blobs'),
    didPlcUrl: directory,
    serviceHandleDomains: ['.test'],
    inviteRequired: false,
    disableSsrfProtection: true,
    rateLimitsEnabled: process.env.RATE_LIMITS === '1',
    adminPassword: 'admin',
    jwtSecret: 'a-secret-for-tests-only-0123456789',
    plcRotationKeyK256PrivateKeyHex: 'b2'.repeat(32),
    // There is no app behind this server: whatever needs one fails at once.
    bskyAppViewUrl: 'https://appview.invalid',
    bskyAppViewDid: 'did:web:appview.invalid',
    modServiceUrl: 'https://moderation.invalid',
    modServiceDid: 'did:web:moderation.invalid',
  }
}

async function main() {
  const { PDS, envToCfg, envToSecrets } = require('@atproto/pds')
  const { Database, PlcServer } = require('@did-plc/server')
  fs.mkdirSync(path.join(data, 'blobs'), { recursive: true })

  const directoryPort = await freePort()
  const directory = PlcServer.create({ db: Database.mock(), port: directoryPort })
  await directory.start()

  const port = Number(process.env.PORT) || (await freePort())
  const env = settings(port, `http://127.0.0.1:${directoryPort}`)
  const server = await PDS.create(envToCfg(env), envToSecrets(env))
  await server.start()
  process.stdout.write(JSON.stringify({ url: `http://127.0.0.1:${port}`, data }) + '\n')

  let ending = false
  async function end() {
    if (ending) return
    ending = true
    setTimeout(() => process.exit(0), 3000).unref()
    await Promise.allSettled([server.destroy(), directory.destroy()])
    if (!given) fs.rmSync(data, { recursive: true, force: true })
    process.exit(0)
  }
  process.on('SIGTERM', end)
  process.stdin.on('end', end).resume()
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
