/** A flood of bells is one bell. */
const gapMs = 200;
let audio: AudioContext | null = null;
let lastMs = -Infinity;

/** A short, quiet tone. Where the browser has no sound, or does not allow it yet, there is none. */
export function ring(): void {
  if (performance.now() - lastMs < gapMs) return;
  lastMs = performance.now();
  audio ??= new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  const start = audio.currentTime;
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.08, start);
  volume.gain.exponentialRampToValueAtTime(0.001, start + 0.12);
  tone.connect(volume).connect(audio.destination);
  tone.start(start);
  tone.stop(start + 0.12);
}
