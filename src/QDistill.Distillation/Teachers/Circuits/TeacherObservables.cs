using QDistill.Quantum;

namespace QDistill.Distillation.Teachers;

/// <summary>The observables that a circuit teacher is asked for: ⟨Z⟩ of every qubit first, which its head reads, then those that only students learn from.</summary>
internal static class TeacherObservables
{
    /// <summary>The observables of a specification.</summary>
    public static IReadOnlyList<Observable> Of(TeacherSpec spec)
    {
        var all = new List<Observable>(Observable.EachZ(spec.Qubits));
        if (spec.Observables == "zz")
        {
            for (int a = 0; a < spec.Qubits; a++)
            {
                for (int b = a + 1; b < spec.Qubits; b++)
                {
                    all.Add(Observable.Of(new PauliString(0, (1 << a) | (1 << b))));
                }
            }
        }
        else if (spec.Observables == "xyz")
        {
            for (int q = 0; q < spec.Qubits; q++)
            {
                all.Add(Observable.Of(PauliString.X(q)));
                all.Add(Observable.Of(PauliString.Y(q)));
            }
        }

        return all;
    }

    /// <summary>Shots in each measurement basis of the shots of all bases.</summary>
    public static int ShotsPerBasis(int shots, TeacherSpec spec) => spec.Observables == "xyz" ? shots / 3 : shots;
}
