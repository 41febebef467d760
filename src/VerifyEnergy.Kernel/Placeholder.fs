namespace VerifyEnergy.Kernel

type internal Placeholder = class end
