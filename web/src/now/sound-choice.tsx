import { Bell, BellOff } from "lucide-react";
import { useState } from "react";

import { isSoundOn, ring } from "@/live/sound";
import { prefer } from "@/session/preferences";
import { IconButton } from "@/ui/button";
import { toast } from "@/ui/toast";

/** Whether it rings when the reader is paged. It rings once when turned on, so that they know it can. */
export function SoundChoice() {
  const [isOn, setOn] = useState(isSoundOn());
  const turn = async () => {
    setOn(!isOn);
    void prefer({ has_sound: !isOn });
    if (!isOn && !(await ring())) toast.failed("The browser does not let this page make a sound.");
  };
  return <IconButton label={isOn ? "Sound is on for pages to you. Turn it off" : "Ring here when something is paged to you"} aria-pressed={isOn} icon={isOn ? <Bell size={16} /> : <BellOff size={16} />} onClick={() => void turn()} />;
}
