// Sends the events of one person with the official client for Node and prints the ids it gave them.
import { Analytics } from '@segment/analytics-node'

const [host, writeKey, count] = process.argv.slice(2)
const analytics = new Analytics({ writeKey, host, maxEventsInBatch: 15, flushInterval: 500, maxRetries: 10 })
const sent = []
const noted = (error, context) => {
  if (error) { console.error(error); process.exitCode = 1 }
  sent.push([context.event.messageId, context.event.type])
}

analytics.identify({ userId: 'ada', traits: { city: 'Cluj-Napoca' } }, noted)
analytics.page({ userId: 'ada', name: 'Home', properties: { url: 'https://bloom.example/' } }, noted)
analytics.screen({ userId: 'ada', name: 'Basket' }, noted)
analytics.group({ userId: 'ada', groupId: 'g1' }, noted)
analytics.alias({ userId: 'ada', previousId: 'a1' }, noted)
for (let n = 0; n < Number(count); n++)
  analytics.track({ userId: 'ada', event: 'Order Completed', properties: { total: n / 100, currency: 'RON', note: 'ăâîșț 🎉' } }, noted)
await analytics.closeAndFlush({ timeout: 60_000 })
console.log(JSON.stringify(sent))
