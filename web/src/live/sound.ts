/** A short sound for whoever was paged and sits here. Off until they turn it on. */

const CHOICE = "nightowl.sound";
const TONES_HZ = [880, 660];
const TONE_S = 0.18;

export function isSoundOn(): boolean {
  return localStorage.getItem(CHOICE) === "on";
}

export function turnSound(on: boolean): void {
  localStorage.setItem(CHOICE, on ? "on" : "off");
}

let audio: AudioContext | undefined;

/** Rings; false when the browser does not let the page, which it does only after somebody has pressed something on it. */
export async function ring(): Promise<boolean> {
  audio ??= new AudioContext();
  // Without a press on the page the browser never settles this.
  await Promise.race([audio.resume(), new Promise((resolve) => setTimeout(resolve, 300))]);
  if (audio.state !== "running") return false;
  TONES_HZ.forEach((hz, index) => tone(audio!, hz, audio!.currentTime + index * TONE_S));
  return true;
}

function tone(on: AudioContext, hz: number, at: number): void {
  const [source, volume] = [on.createOscillator(), on.createGain()];
  source.frequency.value = hz;
  volume.gain.setValueAtTime(0.25, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + TONE_S);
  source.connect(volume).connect(on.destination);
  source.start(at);
  source.stop(at + TONE_S);
}
