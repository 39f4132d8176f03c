// What a stream sounds like: its loudest frequency, from the samples that a person would hear.

const SIZE = 8192; // at 48,000 Hz one bin is 6 Hz wide
const POLL_MS = 50;

export class Ear {
  constructor(stream) {
    // Chromium feeds a remote stream to Web Audio only while an element plays it.
    this.speaker = new Audio();
    this.speaker.srcObject = stream;
    this.speaker.muted = true;
    this.speaker.play();
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = SIZE;
    this.analyser.smoothingTimeConstant = 0;
    this.context.createMediaStreamSource(stream).connect(this.analyser);
  }

  // { hz, db }: the loudest bin now.
  loudest() {
    const bins = new Float32Array(this.analyser.frequencyBinCount);
    this.analyser.getFloatFrequencyData(bins);
    let loudest = 0;
    bins.forEach((db, bin) => {
      if (db > bins[loudest]) loudest = bin;
    });
    return { hz: (loudest * this.context.sampleRate) / SIZE, db: bins[loudest] };
  }

  // Resolves once `wanted(hz, db)` has held for as long as the analysed piece and a bit.
  async until(wanted) {
    let since = null;
    for (;;) {
      const now = performance.now();
      const found = this.loudest();
      if (!wanted(found.hz, found.db)) since = null;
      else since ??= now;
      if (since !== null && now - since > 300) return found;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  close() {
    this.speaker.srcObject = null;
    this.context.close();
  }
}
