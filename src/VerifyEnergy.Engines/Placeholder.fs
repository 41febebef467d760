namespace VerifyEnergy.Engines

type internal Placeholder = class end
