/* Search in a site that is read from a folder: there browsers refuse a Worker, so its script runs in a hidden frame.
   Only where the page is a file; served pages keep the browser's own Worker. */
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super()
      const whole = new URL(url, document.baseURI)
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.appendChild(frame)
      const inside = (this.inside = frame.contentWindow)
      inside.document.open()
      inside.document.write("<!doctype html><html><head></head><body></body></html>")
      inside.document.close()
      const run = each =>
        new Promise((done, failed) => {
          const script = inside.document.createElement("script")
          script.src = new URL(each, whole).href
          script.onload = done
          script.onerror = () => failed(new Error(`${each} isn't there`))
          inside.document.head.appendChild(script)
        })
      inside.importScripts = (...urls) => urls.reduce((before, each) => before.then(() => run(each)), Promise.resolve())
      inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      this.ready = run(whole)
    }
    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data })))
    }
    set onmessage(listener) {
      this.addEventListener("message", listener)
    }
    terminate() {
      this.inside.frameElement.remove()
    }
  }
  window.Worker = window.IFrameWorker
}
